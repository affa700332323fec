import { expect, test } from "vitest";
import { createTestWorld, plan, specOf } from "../test-world.ts";
import { partition } from "./index.ts";

test("cuts the group off from the others both ways; inside both, and from the operator's machine, packets pass", () => {
  const { world, quorate } = createTestWorld(specOf(4));
  const { network } = world;
  const undo = partition.start(world, quorate, plan("partition", ["k8s01", "k8s02"]));
  expect(network.passes("k8s01", "k8s03")).toBe(false);
  expect(network.passes("k8s04", "k8s02")).toBe(false);
  expect(network.passes("k8s01", "k8s02")).toBe(true);
  expect(network.passes("k8s03", "k8s04")).toBe(true);
  expect(network.passes("ops", "k8s01")).toBe(true);
  undo();
  expect(network.passes("k8s01", "k8s03")).toBe(true);
});

test("one partition's end does not heal what another one cuts", () => {
  const { world, quorate } = createTestWorld();
  const undo = partition.start(world, quorate, plan("partition", ["k8s01"]));
  const other = partition.start(world, quorate, plan("partition", ["k8s02"]));
  undo();
  expect(world.network.passes("k8s01", "k8s02")).toBe(false);
  expect(world.network.passes("k8s01", "k8s03")).toBe(true);
  other();
  expect(world.network.passes("k8s01", "k8s02")).toBe(true);
});
