import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSim } from "../../sim/sim.ts";
import { createHostClock } from "./host-clock.ts";

test("a step moves the clock once, a drift moves it ever more, and both add up", async () => {
  const { sim, runUntil } = createSim({ seed: 1, startMs: 1_000_000 });
  const clock = createHostClock(sim);
  expect(clock.nowMs()).toBe(1_000_000);
  clock.step(-5000);
  clock.drift(100);
  await runUntil(1_100_000);
  expect(clock.nowMs()).toBe(1_100_000 - 5000 + 10);
  clock.drift(0);
  await runUntil(1_200_000);
  expect(clock.nowMs()).toBe(1_200_000 - 5000 + 10);
});

test("a drift of any speed gives whole ms and never goes back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -999_999, max: 2_000_000 }),
      fc.array(fc.nat(5000), { maxLength: 20 }),
      async (ppm, waits) => {
        const { sim, runUntil } = createSim({ seed: 1, startMs: 0 });
        const clock = createHostClock(sim);
        clock.drift(ppm);
        let last = clock.nowMs();
        for (const wait of waits) {
          await runUntil(sim.nowMs() + wait);
          expect(clock.nowMs()).toBeGreaterThanOrEqual(last);
          expect(Number.isInteger(clock.nowMs())).toBe(true);
          last = clock.nowMs();
        }
        expect(Math.abs(last - sim.nowMs() * (1 + ppm / 1e6))).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 30 },
  );
});

test("a clock that would run backwards is refused", () => {
  const { sim } = createSim({ seed: 1, startMs: 0 });
  expect(() => createHostClock(sim).drift(-1_000_000)).toThrow(RangeError);
});
