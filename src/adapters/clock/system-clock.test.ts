import { expect, test } from "vitest";
import { systemClock } from "./system-clock.ts";

test("sleeps for about as long as it is asked to, on a clock that does not go back", async () => {
  const startedMs = systemClock.monotonicMs();
  await systemClock.sleep(20);
  expect(systemClock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(19);
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1000);
});

test("wakes at once when the signal aborts, without an error", async () => {
  const abort = new AbortController();
  const startedMs = systemClock.monotonicMs();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort();
  await sleeping;
  await systemClock.sleep(60_000, abort.signal);
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(5000);
});
