import { expect, test } from "vitest";
import { clockStep } from "../clock-step/index.ts";
import { createTestWorld, plan } from "../test-world.ts";
import { clockDrift } from "./index.ts";

test("the node's clock gains what was drawn, and is right again once it is undone", async () => {
  const { world, quorate, pass } = createTestWorld();
  const offMs = () => world.node("k8s01").host.clock.nowMs() - world.sim.nowMs();
  const undo = clockDrift.start(world, quorate, plan("clock-drift", ["k8s01"], { ppm: 10_000 }));
  await pass(100_000);
  expect(offMs()).toBe(1000);
  undo();
  expect(offMs()).toBe(0);
  await pass(100_000);
  expect(offMs()).toBe(0);
});

test("sets right what drifted, and not what a step has moved", async () => {
  const { world, quorate, pass } = createTestWorld();
  const offMs = () => world.node("k8s01").host.clock.nowMs() - world.sim.nowMs();
  const undo = clockDrift.start(world, quorate, plan("clock-drift", ["k8s01"], { ppm: -10_000 }));
  const undoStep = clockStep.start(world, quorate, plan("clock-step", ["k8s01"], { byMs: 5000 }));
  await pass(100_000);
  undo();
  expect(offMs()).toBe(5000);
  undoStep();
  expect(offMs()).toBe(0);
});
