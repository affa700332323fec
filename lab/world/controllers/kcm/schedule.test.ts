import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSchedule } from "./schedule.ts";

const at = (text: string) => Date.parse(text);
const next = (schedule: string, after: string) => {
  const ms = parseSchedule(schedule)?.nextMs(at(after)) ?? null;
  return ms === null ? null : new Date(ms).toISOString().slice(0, 16);
};

describe("a cron schedule", () => {
  test.each([
    ["*/5 * * * *", "2026-06-24T16:00:00Z", "2026-06-24T16:05"],
    ["0 * * * *", "2026-06-24T16:00:00Z", "2026-06-24T17:00"],
    ["0 * * * *", "2026-06-24T15:59:59Z", "2026-06-24T16:00"],
    ["30 2 * * *", "2026-06-24T16:00:00Z", "2026-06-25T02:30"],
    ["0 0 1 * *", "2026-06-24T16:00:00Z", "2026-07-01T00:00"],
    ["0 12 * * 1-5", "2026-06-26T13:00:00Z", "2026-06-29T12:00"],
    ["0 12 * * 7", "2026-06-24T13:00:00Z", "2026-06-28T12:00"],
    ["0 0 13 * 5", "2026-06-24T00:00:00Z", "2026-06-26T00:00"],
    ["5-20/5,50 8 * * *", "2026-06-24T08:16:00Z", "2026-06-24T08:20"],
    ["0 0 29 2 *", "2026-06-24T16:00:00Z", "2028-02-29T00:00"],
  ])("%s after %s is %s", (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test.each(["", "* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-3 * * * *", "@daily", "mon * * * *"])(
    "%j is not understood",
    (text) => {
      expect(parseSchedule(text)).toBeNull();
    },
  );

  test("a day that never comes has no next time", () => {
    expect(next("0 0 31 2 *", "2026-06-24T16:00:00Z")).toBeNull();
  });

  test("each minute's schedule skips no minute, and a next time is always later", () => {
    const minutes = integer({ min: 0, max: 2 ** 31 - 1 });
    assert(
      property(minutes, integer({ min: 1, max: 59 }), (minute, step) => {
        const ms = minute * 60_000;
        expect(parseSchedule("* * * * *")?.nextMs(ms)).toBe(ms + 60_000);
        const nextMs = parseSchedule(`*/${step} * * * *`)?.nextMs(ms) ?? 0;
        expect(nextMs).toBeGreaterThan(ms);
        expect(nextMs - ms).toBeLessThanOrEqual(3_600_000);
        expect(((nextMs / 60_000) % 60) % step).toBe(0);
      }),
    );
  });
});
