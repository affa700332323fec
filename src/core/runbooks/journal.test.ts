import { describe, expect, test } from "vitest";
import { actsOf, isAfter, type JournalEntry, lastOf } from "./journal.ts";

const held = (atMs: number, token: number): JournalEntry => ({ atMs, kind: "lock-held", token });
const released = (atMs: number): JournalEntry => ({ atMs, kind: "lock-released" });

const opened: JournalEntry = {
  atMs: 0,
  kind: "opened",
  runbook: "renew-watches@1",
  node: "k8s02",
  rung: "feed",
  resources: [],
  holder: "quorate/a",
};

function intent(atMs: number): JournalEntry {
  return { atMs, kind: "act-intent", role: "datastore", unit: "u", expectedInvocationId: "a", token: 7 };
}

function outcome(word: "restarted" | "not-done" | "refused" | "failed"): JournalEntry {
  return { atMs: 9, kind: "act-outcome", outcome: word, invocationId: null, detail: "" };
}

test("the last entry of a kind is the newest one", () => {
  expect(lastOf([held(1, 5), released(2), held(3, 6)], "lock-held")).toMatchObject({ token: 6 });
  expect(lastOf([held(1, 5)], "closed")).toBeNull();
  expect(lastOf([], "opened")).toBeNull();
});

test("an entry comes after another by its place, not by its time: clocks go back", () => {
  expect(isAfter([held(9, 5), released(2)], "lock-released", "lock-held")).toBe(true);
  expect(isAfter([released(2), held(9, 5)], "lock-released", "lock-held")).toBe(false);
});

test("an entry comes after one that is not there, and what is not there after nothing", () => {
  expect(isAfter([held(1, 5)], "lock-held", "closed")).toBe(true);
  expect(isAfter([held(1, 5)], "closed", "lock-held")).toBe(false);
  expect(isAfter([], "closed", "opened")).toBe(false);
});

describe("the acts that count against the budgets", () => {
  test.each([
    ["restarted", 1],
    ["failed", 1],
    ["not-done", 0],
    ["refused", 0],
  ] as const)("one that came out as %s counts %i times", (word, count) => {
    expect(actsOf([opened, intent(5), outcome(word)])).toHaveLength(count);
  });

  test("one without an outcome counts: it may have happened", () => {
    expect(actsOf([opened, held(1, 7), intent(5)])).toEqual([{ node: "k8s02", atMs: 5 }]);
    expect(actsOf([opened, intent(5), intent(6), outcome("not-done")])).toEqual([{ node: "k8s02", atMs: 5 }]);
  });

  test("each of a run's acts counts by itself, and a run without any counts none", () => {
    const entries = [
      opened,
      intent(5),
      outcome("not-done"),
      intent(6),
      outcome("failed"),
      intent(7),
      outcome("restarted"),
    ];
    expect(actsOf(entries).map(({ atMs }) => atMs)).toEqual([6, 7]);
    expect(actsOf([opened, held(1, 7), released(2)])).toEqual([]);
  });
});
