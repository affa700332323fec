import { expect, test } from "vitest";
import { type Plan, planOf } from "./plan.ts";
import type { Found, Result } from "./result.ts";
import { shrink } from "./shrink.ts";

const FOUND: Found = { invariant: "voter-majority", atMs: 1_000_000, message: "m" };

function planWith(count: number): Plan {
  const faults = Array.from({ length: count }, (_, at) => ({
    fault: `f${at}`,
    nodes: [],
    atMs: at * 1000,
    durationMs: 1,
    parameters: {},
  }));
  return { ...planOf(1), faults };
}

/** A run that breaks the invariant when the faults of all these names are in it. */
function runThatNeeds(names: readonly string[], invariant = FOUND.invariant) {
  return async (plan: Plan): Promise<Result> => {
    const has = names.every((name) => plan.faults.some(({ fault }) => fault === name));
    return { plan, found: has ? { ...FOUND, invariant } : null } as unknown as Result;
  };
}

test.each([[["f3"]], [["f0", "f9"]], [["f2", "f3", "f7"]], [[]]])(
  "leaves exactly the faults that are needed: %j",
  async (names) => {
    const plan = planWith(10);
    const run = runThatNeeds(names);
    const shrunk = await shrink(await run(plan), run);
    expect(shrunk.only.map((at) => `f${at}`)).toEqual(names);
    expect(shrunk.result.plan.faults.map(({ fault }) => fault)).toEqual(names);
  },
);

test("another invariant that breaks instead is not the same failure", async () => {
  const plan = planWith(4);
  const failed = await runThatNeeds(["f1"])(plan);
  const shrunk = await shrink(failed, async (tried) =>
    tried.faults.length === 4 ? failed : runThatNeeds([], "heals")(tried),
  );
  expect(shrunk.only).toEqual([0, 1, 2, 3]);
});

test("a run that held has nothing to shrink", async () => {
  const held = { plan: planWith(1), found: null } as unknown as Result;
  await expect(shrink(held, async () => held)).rejects.toThrow(/nothing to shrink/);
});
