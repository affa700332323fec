import { expect, test } from "vitest";
import type { Invariant } from "../invariants/invariant.ts";
import { MUTATIONS } from "./mutations/registry.ts";
import { runMutated } from "./mutations/check-mutations.ts";
import { INVARIANTS } from "../invariants/registry.ts";
import { type Plan, planOf } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

const MINUTE_MS = 60_000;

/** A small run by hand: a leader that stands still for half a minute, so that polls die and are cured. */
const PLAN: Plan = {
  ...planOf(1, { only: [] }),
  spec: {
    nodes: [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `192.0.2.${10 + at}` })),
    release: "1.35",
    workload: "idle",
  },
  quorates: [{ name: "quorate", from: "ops", mode: "recover" }],
  deaths: [],
  warmUpMs: MINUTE_MS,
  safetyMs: 4 * MINUTE_MS,
  livenessMs: 2 * MINUTE_MS,
  faults: [{ fault: "poll-death", nodes: [], atMs: 20_000, durationMs: 30_000, parameters: { how: "leader-paused" } }],
};

test("a run breaks no invariant, cures what broke, and its log is the same byte for byte when it is run again", async () => {
  const first = await runPlan(PLAN);
  expect(first.found).toBeNull();
  expect(first.stats.restarts).toBeGreaterThan(0);
  expect(first.stats.cured).toBe(first.stats.restarts);
  const again = await runPlan(PLAN);
  expect(again.hash).toBe(first.hash);
  expect(again.events).toBe(first.events);
  const other = await runPlan({ ...PLAN, seed: 2 });
  expect(other.hash).not.toBe(first.hash);
}, 60_000);

test("it ends at the first violation, and says when", async () => {
  const grumpy: Invariant = {
    id: "grumpy",
    title: "no fault ever",
    law: null,
    create: () => ({ onEvent: (event) => (event.kind === "fault" ? { message: "a fault" } : null) }),
  };
  const lines: string[] = [];
  const result = await runPlan(PLAN, { invariants: [grumpy], onLog: ({ who, text }) => lines.push(`${who}: ${text}`) });
  expect(result.found).toMatchObject({ invariant: "grumpy", message: "a fault" });
  expect(result.found?.atMs).toBeGreaterThanOrEqual(20_000);
  expect(result.simulatedMs).toBeLessThan(PLAN.warmUpMs + 3 * MINUTE_MS);
  expect(lines).toContain("invariant: grumpy: a fault");
}, 60_000);

test("each broken variant names invariants that exist, and one of them is caught here", async () => {
  const ids: readonly string[] = INVARIANTS.map(({ id }) => id);
  for (const { expected } of MUTATIONS) expect(ids).toEqual(expect.arrayContaining([...expected]));
  expect(new Set(MUTATIONS.map(({ id }) => id)).size).toBe(MUTATIONS.length);
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12);
  const heartbeat = MUTATIONS.find(({ id }) => id === "lock-as-heartbeat");
  if (heartbeat === undefined) throw new Error("no such variant");
  expect((await runMutated(heartbeat, 1)).found?.invariant).toBe("no-idle-writes");
}, 60_000);
