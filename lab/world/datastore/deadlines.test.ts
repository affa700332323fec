import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSim } from "../../sim/sim.ts";
import { createDeadlines } from "./deadlines.ts";

const call = fc.record({
  atMs: fc.integer({ min: 0, max: 500 }),
  ms: fc.constantFrom(10, 100, 300),
  /** When it is called off; null never. */
  offAfterMs: fc.option(fc.integer({ min: 0, max: 400 })),
});

test("each deadline that is not called off before falls due at its time, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 200 }), async (calls) => {
      const { sim, runUntil } = createSim({ seed: 1, startMs: 0 });
      const deadlines = createDeadlines(sim);
      const due: string[] = [];
      const wanted: string[] = [];
      for (const [name, { atMs, ms, offAfterMs }] of calls.entries()) {
        // At the very instant either may be first.
        const isOff = offAfterMs !== null && offAfterMs < ms;
        if (!isOff) wanted.push(`${name} ${atMs + ms}`);
        sim.after(atMs, () => {
          const off = deadlines.add(ms, () => due.push(`${name} ${sim.nowMs()}`));
          if (isOff) sim.after(offAfterMs, off);
        });
      }
      await runUntil(2000);
      expect(due.sort()).toEqual(wanted.sort());
    }),
  );
});

test("a thousand deadlines that are called off cost one timer", async () => {
  const driver = createSim({ seed: 1, startMs: 0 });
  const deadlines = createDeadlines(driver.sim);
  for (let made = 0; made < 1000; made += 1) deadlines.add(34_000, () => undefined)();
  await driver.runUntil(60_000);
  expect(driver.events).toBeLessThanOrEqual(2);
});
