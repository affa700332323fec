import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { quorateCutOff } from "./index.ts";

test("cuts Quorate's way to the nodes and no other, until it is undone", () => {
  const { world, quorate } = createTestWorld();
  const { network } = world;
  const undo = quorateCutOff.start(world, quorate, plan("quorate-cut-off", ["k8s02"], { how: "cut", extraMs: 50 }));
  expect(network.passes("ops", "k8s02")).toBe(false);
  expect(network.passes("k8s02", "ops")).toBe(false);
  expect(network.passes("ops", "k8s01")).toBe(true);
  expect(network.passes("k8s01", "k8s02")).toBe(true);
  undo();
  expect(network.passes("ops", "k8s02")).toBe(true);
});

test("or makes it slow", () => {
  const { world, quorate } = createTestWorld();
  const undo = quorateCutOff.start(world, quorate, plan("quorate-cut-off", ["k8s02"], { how: "slow", extraMs: 700 }));
  expect(world.network.delayMs("ops", "k8s02")).toBe(701);
  expect(world.network.delayMs("k8s01", "k8s02")).toBe(1);
  undo();
  expect(world.network.delayMs("k8s02", "ops")).toBe(1);
});

test("leaves a Quorate alone that runs on a node: its ways are the cluster's", () => {
  const { world, quorate } = createTestWorld();
  const onNode = { ...quorate, place: "k8s01" };
  quorateCutOff.start(world, onNode, plan("quorate-cut-off", ["k8s02"], { how: "cut", extraMs: 50 }));
  expect(world.network.passes("k8s01", "k8s02")).toBe(true);
});
