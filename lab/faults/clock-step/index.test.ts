import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { clockStep } from "./index.ts";

test("the node's clock is off by the step until it is undone; other clocks are right", () => {
  const { world, quorate } = createTestWorld();
  const offMs = (node: string) => world.node(node).host.clock.nowMs() - world.sim.nowMs();
  const undo = clockStep.start(world, quorate, plan("clock-step", ["k8s01"], { byMs: -3_600_000 }));
  expect([offMs("k8s01"), offMs("k8s02")]).toEqual([-3_600_000, 0]);
  undo();
  expect(offMs("k8s01")).toBe(0);
});
