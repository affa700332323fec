import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { packetDelay } from "./index.ts";

test("slows all ways of the node, both directions, and no other", () => {
  const { world, quorate } = createTestWorld();
  const { network } = world;
  const undo = packetDelay.start(world, quorate, plan("packet-delay", ["k8s01"], { extraMs: 75 }));
  expect(network.delayMs("k8s01", "k8s02")).toBe(76);
  expect(network.delayMs("k8s03", "k8s01")).toBe(76);
  expect(network.delayMs("k8s02", "k8s03")).toBe(1);
  expect(network.delayMs("k8s01", "k8s01")).toBe(0);
  undo();
  expect(network.delayMs("k8s01", "k8s02")).toBe(1);
});
