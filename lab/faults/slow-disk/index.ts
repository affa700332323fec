import { slowDiskOf } from "../disks.ts";
import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** From a busy spinning disk to one that remaps sectors: what an fsync takes, in ms (a healthy SSD: 1 to 2). */
const SYNC_MS = { min: 50, max: 2000 } as const;

/** Each write of a node that must reach the disk takes long. */
export const slowDisk: Fault = {
  id: "slow-disk",
  title: "a node's disk is slow",
  breaks: "quorum",
  leaves: "remedy",
  suits: () => true,
  draw: (random, frame) =>
    planOf("slow-disk", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 20, 300),
      parameters: { syncMs: random.between(SYNC_MS.min, SYNC_MS.max) },
    }),
  start: (world, _quorate, plan) => slowDiskOf(world, nodeOf(plan), numberOf(plan, "syncMs")),
};
