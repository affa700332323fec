import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JournalEntry } from "./host.ts";
import { createEntries } from "./journal-entries.ts";

function entry(realtimeMs: number, unit = "a"): JournalEntry {
  return { cursor: "", realtimeMs, monotonicMs: 0, fields: { _SYSTEMD_UNIT: unit } };
}

test("a range is what a search through everything finds, however the clock was set", () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.nat(60), fc.nat(60), (written, fromMs, untilMs) => {
      const entries = createEntries();
      const all = written.map((atMs) => entry(atMs));
      for (const one of all) entries.append(one);
      const expected = all.filter((one) => one.realtimeMs >= fromMs && one.realtimeMs < untilMs);
      expect(entries.read(fromMs, untilMs, {})).toEqual(expected);
    }),
  );
});

test("only the newest entries are kept, and what is kept is still found", () => {
  const entries = createEntries(100);
  for (let atMs = 0; atMs < 10_000; atMs += 1) entries.append(entry(atMs, atMs % 2 === 0 ? "a" : "b"));
  expect(entries.size).toBeLessThan(200);
  expect(entries.size).toBeGreaterThanOrEqual(100);
  const found = entries.read(9990, 10_000, { _SYSTEMD_UNIT: "b" });
  expect(found.map((one) => one.realtimeMs)).toEqual([9991, 9993, 9995, 9997, 9999]);
});

test("entries past their age are dropped while new ones come", () => {
  const entries = createEntries(10_000, 1000);
  for (let atMs = 0; atMs < 9000; atMs += 1) entries.append(entry(atMs));
  expect(entries.size).toBeLessThanOrEqual(2001);
});
