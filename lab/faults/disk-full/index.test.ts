import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { diskFull } from "./index.ts";

test("leaves as much free as was drawn, and gives the rest back when the last one is undone", () => {
  const { world, quorate } = createTestWorld();
  const { disk } = world.node("k8s01").host;
  const usual = disk.freeBytes;
  const undo = diskFull.start(world, quorate, plan("disk-full", ["k8s01"], { leftBytes: 4096 }));
  expect(disk.freeBytes).toBe(4096);
  const other = diskFull.start(world, quorate, plan("disk-full", ["k8s01"], { leftBytes: 0 }));
  undo();
  expect(disk.freeBytes).toBe(0);
  other();
  expect(disk.freeBytes).toBe(usual);
});
