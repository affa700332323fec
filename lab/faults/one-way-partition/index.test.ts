import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { oneWayPartition } from "./index.ts";

test.each([
  ["from", false, true],
  ["to", true, false],
] as const)("cuts what comes %s the node, and nothing else", (direction, from, to) => {
  const { world, quorate } = createTestWorld();
  const { network } = world;
  const undo = oneWayPartition.start(world, quorate, plan("one-way-partition", ["k8s01"], { direction }));
  expect(network.passes("k8s01", "k8s02")).toBe(from);
  expect(network.passes("k8s03", "k8s01")).toBe(to);
  expect(network.passes("k8s02", "k8s03")).toBe(true);
  undo();
  expect(network.passes("k8s01", "k8s02") && network.passes("k8s03", "k8s01")).toBe(true);
});
