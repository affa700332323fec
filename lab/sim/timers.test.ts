import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createTimerQueue, type Timer } from "./timers.ts";

type Step =
  | { readonly do: "add"; readonly delayMs: number }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "look" }
  | { readonly do: "run"; readonly forMs: number };

/** Delays of every level: the same ms, the near window, the far one, and beyond. */
const delay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 0, max: 100_000_000 }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("add" as const), delayMs: delay }),
    fc.record({ do: fc.constant("cancel" as const), which: fc.nat(20) }),
    fc.record({ do: fc.constant("look" as const) }),
    fc.record({ do: fc.constant("run" as const), forMs: delay }),
  ),
  { maxLength: 60 },
);

test("the queue gives what a sorted list gives, with cancels, looks ahead and jumps of time between", () => {
  fc.assert(
    fc.property(fc.constantFrom(0, Date.UTC(2026, 5, 24)), steps, (startMs, plan) => {
      const queue = createTimerQueue();
      let listed: { readonly atMs: number; readonly id: number; readonly timer: Timer }[] = [];
      let nowMs = startMs;
      let made = 0;
      const ran: number[] = [];
      const expected: number[] = [];
      for (const step of plan) {
        if (step.do === "add") {
          const id = (made += 1);
          const atMs = nowMs + step.delayMs;
          listed.push({ atMs, id, timer: queue.add(atMs, () => ran.push(id)) });
        } else if (step.do === "cancel" && listed.length > 0) {
          const [gone] = listed.splice(step.which % listed.length, 1);
          gone?.timer.cancel();
        } else if (step.do === "look") {
          expect(queue.nextAtMs()).toBe(listed.length === 0 ? null : Math.min(...listed.map(({ atMs }) => atMs)));
        } else if (step.do === "run") {
          const untilMs = nowMs + step.forMs;
          const due = listed.filter(({ atMs }) => atMs <= untilMs);
          due.sort((one, other) => one.atMs - other.atMs || one.id - other.id);
          expected.push(...due.map(({ id }) => id));
          listed = listed.filter(({ atMs }) => atMs > untilMs);
          for (let run = queue.take(untilMs); run !== null; run = queue.take(untilMs)) run();
          nowMs = untilMs;
        }
        expect(ran).toEqual(expected);
      }
    }),
    { numRuns: 500 },
  );
});

test("what is added before all that is waiting, after a look far ahead, comes first", () => {
  const queue = createTimerQueue();
  const seen: string[] = [];
  queue.add(50_000_000, () => seen.push("far"));
  queue.add(50_000_000, () => seen.push("far too"));
  queue.add(90_000_000, () => seen.push("farther"));
  expect(queue.take(50_000_000)).not.toBeNull();
  expect(queue.takenAtMs).toBe(50_000_000);
  queue.add(10, () => seen.push("near"));
  for (let run = queue.take(100_000_000); run !== null; run = queue.take(100_000_000)) run();
  expect(seen).toEqual(["near", "far too", "farther"]);
});

test("a part of a ms counts as a whole one, never is never, and no time is an error", () => {
  const queue = createTimerQueue();
  expect(queue.add(1.2, () => undefined).atMs).toBe(2);
  queue.add(Number.POSITIVE_INFINITY, () => undefined);
  expect(queue.take(10)).not.toBeNull();
  expect(queue.takenAtMs).toBe(2);
  expect(queue.nextAtMs()).toBeNull();
  expect(() => queue.add(Number.NaN, () => undefined)).toThrow(RangeError);
});
