import { expect, test } from "vitest";
import type { JournalEntry } from "../../src/core/runbooks/journal.ts";
import { createSim } from "../sim/sim.ts";
import { createProcess } from "../world/process.ts";
import { createLabRunStore, ProcessEnded } from "./run-store.ts";

const OPENED = {
  kind: "opened",
  atMs: 1,
  runbook: "r",
  node: "k8s01",
  rung: "feed",
  resources: [],
  holder: "q/1",
} as const;
const INTENT: JournalEntry = { kind: "lock-intent", atMs: 2 };

function newProcess() {
  return createProcess(createSim({ seed: 1, startMs: 0 }).sim, { node: "ops", program: "quorate", pid: 1 });
}

test("what one process wrote the next one reads", () => {
  const journal = createLabRunStore();
  const first = newProcess();
  journal.openedBy(first).create("r1", OPENED);
  journal.openedBy(first).append("r1", INTENT);
  first.end({ code: "killed", signal: "KILL" });
  expect(journal.openedBy(newProcess()).openRuns()).toEqual([{ id: "r1", entries: [OPENED, INTENT] }]);
});

test("a process that has ended writes nothing more", () => {
  const journal = createLabRunStore();
  const process = newProcess();
  const store = journal.openedBy(process);
  store.create("r1", OPENED);
  process.end({ code: "killed", signal: "KILL" });
  expect(() => store.append("r1", INTENT)).toThrow(ProcessEnded);
  expect(journal.runs()[0]?.entries).toEqual([OPENED]);
});

test.each([
  [true, [OPENED, INTENT]],
  [false, [OPENED]],
])("a kill at the second entry, kept %s, ends the process right there", (isKept, left) => {
  const journal = createLabRunStore();
  const process = newProcess();
  const store = journal.openedBy(process);
  journal.killAtEntry(2, isKept);
  store.create("r1", OPENED);
  expect(() => store.append("r1", INTENT)).toThrow(ProcessEnded);
  expect(process.state).toBe("ended");
  expect(journal.runs()[0]?.entries).toEqual(left);
  const next = journal.openedBy(newProcess());
  next.append("r1", { kind: "closed", atMs: 3, result: "refused", message: "m" });
  expect(next.openRuns()).toEqual([]);
});

test("past acts are counted as the real journal counts them", () => {
  const journal = createLabRunStore();
  const store = journal.openedBy(newProcess());
  store.create("r1", OPENED);
  store.append("r1", {
    kind: "act-intent",
    atMs: 5,
    role: "datastore",
    unit: "u",
    expectedInvocationId: "i",
    token: 1,
  });
  expect(store.pastActions(0)).toEqual([{ node: "k8s01", atMs: 5 }]);
  expect(store.pastActions(6)).toEqual([]);
});
