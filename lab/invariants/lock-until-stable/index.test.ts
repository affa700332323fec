import { expect, test } from "vitest";
import { createTestLab, OLD_ID, runUpToIntent, type TestLab } from "../test-lab.ts";
import { lockUntilStable } from "./index.ts";

function acted(): TestLab {
  const lab = createTestLab(lockUntilStable);
  runUpToIntent(lab, "k8s02");
  return lab;
}

function release(lab: TestLab, isReleased = true): void {
  if (isReleased) lab.lock = { holder: "", token: 9 };
  lab.says({ kind: "lock-release", node: "k8s02", holder: "quorate/r1", isReleased });
}

const RESTARTED = { kind: "act-outcome", outcome: "restarted", invocationId: OLD_ID, detail: "" } as const;

test("a lock that is given back after the proof passes", () => {
  const lab = acted();
  lab.entry(RESTARTED);
  lab.pass(20);
  lab.entry({ kind: "proof", cured: true, detail: "" });
  release(lab);
  expect(lab.found).toEqual([]);
});

test("a lock that is given back without a proof is caught", () => {
  const lab = acted();
  lab.entry(RESTARTED);
  release(lab);
  expect(lab.found).toEqual([expect.stringContaining("without a proof")]);
});

test("a lock that is given back while the act may still happen is caught", () => {
  const lab = acted();
  release(lab);
  expect(lab.found).toEqual([expect.stringContaining("before it knew")]);
});

test("a proof of a datastore that does not serve is caught", () => {
  const lab = acted();
  lab.entry(RESTARTED);
  lab.nodes["k8s02"]!.isPollAlive = false;
  lab.pass(20);
  lab.entry({ kind: "proof", cured: true, detail: "" });
  release(lab);
  expect(lab.found).toEqual([expect.stringContaining("does not serve")]);
});

test("handing over after a proof that failed passes, and so does a run that stopped", () => {
  const lab = acted();
  lab.entry(RESTARTED);
  lab.nodes["k8s02"]!.isPollAlive = false;
  lab.pass(120);
  lab.entry({ kind: "proof", cured: false, detail: "" });
  release(lab);
  const stopped = createTestLab(lockUntilStable);
  stopped.entry({ kind: "opened", runbook: "", node: "k8s02", rung: "feed", resources: [], holder: "quorate/r1" });
  stopped.entry({ kind: "stopped", result: "refused", message: "m", refusals: [] });
  release(stopped);
  expect([...lab.found, ...stopped.found]).toEqual([]);
});

test("a lock that was told to be given back and is still held is caught, unless it was said that it could not be", () => {
  const lab = acted();
  lab.entry(RESTARTED);
  lab.pass(20);
  lab.entry({ kind: "proof", cured: true, detail: "" });
  release(lab, false);
  lab.entry({ kind: "lock-released" });
  expect(lab.found).toEqual([]);
  lab.pass(1);
  lab.entry({ kind: "lock-released" });
  expect(lab.found).toEqual([expect.stringContaining("still holds it")]);
});
