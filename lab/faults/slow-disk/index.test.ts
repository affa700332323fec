import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { slowDisk } from "./index.ts";

test("each write that must reach the disk takes as long as drawn, until the last one is undone", () => {
  const { world, quorate } = createTestWorld();
  const { disk } = world.node("k8s02").host;
  const usual = disk.syncMs;
  const undo = slowDisk.start(world, quorate, plan("slow-disk", ["k8s02"], { syncMs: 400 }));
  const other = slowDisk.start(world, quorate, plan("slow-disk", ["k8s02"], { syncMs: 100 }));
  expect(disk.syncMs).toBe(400);
  other();
  expect(disk.syncMs).toBe(400);
  undo();
  expect(disk.syncMs).toBe(usual);
});
