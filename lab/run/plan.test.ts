import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { faultById } from "../faults/registry.ts";
import { clockText, planOf, planText } from "./plan.ts";
import { replayCommand } from "./result.ts";

test("the same seed gives the same plan, of plain data; another one gives another", () => {
  assert(
    property(integer({ min: 1, max: 1_000_000 }), (seed) => {
      const plan = planOf(seed);
      expect(planOf(seed)).toEqual(plan);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      expect(planText(planOf(seed + 1))).not.toBe(planText(plan));
    }),
    { numRuns: 30 },
  );
});

test("every fault suits its cluster, is in order, and begins within the safety phase", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const plan = planOf(seed, { days: 0.1 });
    const times = plan.faults.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    for (const { fault, atMs } of plan.faults) {
      expect(faultById(fault)?.suits(plan.spec)).toBe(true);
      expect(atMs).toBeLessThanOrEqual(plan.safetyMs);
    }
  }
});

test("over many seeds every size of a cluster and most kinds of faults come up", () => {
  const plans = Array.from({ length: 300 }, (_, at) => planOf(at + 1));
  const sizes = new Set(plans.map(({ spec }) => spec.nodes.length));
  expect([...sizes].sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(plans.filter(({ spec }) => spec.nodes.length === 3).length).toBeGreaterThan(150);
  const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ fault }) => fault)));
  expect(kinds.size).toBeGreaterThan(20);
});

test("a plan can be cut down to some of its faults, and kinds can be chosen or left out", () => {
  const whole = planOf(3);
  expect(planOf(3, { only: [0] }).faults).toEqual(whole.faults.slice(0, 1));
  expect(planOf(3, { only: [] }).faults).toEqual([]);
  const chosen = planOf(3, { days: 0.02, kinds: ["packet-delay"] }).faults;
  expect(new Set(chosen.map(({ fault }) => fault))).toEqual(new Set(["packet-delay"]));
  for (let seed = 1; seed <= 50; seed += 1) {
    expect(planOf(seed, { without: ["partition"] }).faults.some(({ fault }) => fault === "partition")).toBe(false);
  }
});

test("times and the command that replays a run read as a person types them", () => {
  expect(clockText(3_723_004)).toBe("1:02:03.004");
  expect(replayCommand(planOf(7), { days: 0.5, only: [0, 2] })).toBe("npm run lab -- --seed 7 --days 0.5 --faults 0,2");
  expect(replayCommand(planOf(7), { only: [] })).toBe("npm run lab -- --seed 7 --faults none");
});
