import { expect, test } from "vitest";
import { isAfter, type JournalEntry, lastOf } from "./journal.ts";

const held = (atMs: number, token: number): JournalEntry => ({ atMs, kind: "lock-held", token });
const released = (atMs: number): JournalEntry => ({ atMs, kind: "lock-released" });

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
