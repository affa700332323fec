import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { hold } from "../holds.ts";

/** k8s-dqlite's own watcher wants 10 MiB free and by default only says so; writes fail when nothing is left. */
const LEFT_BYTES_MAX = 10 * 1024 * 1024;

/** A node's disk fills up: nothing that must reach the disk does any more. */
export const diskFull: Fault = {
  id: "disk-full",
  title: "a node's disk is full",
  breaks: "quorum",
  leaves: "remedy",
  suits: () => true,
  draw: (random, frame) =>
    planOf("disk-full", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 20, 300),
      parameters: { leftBytes: random.chance(3, 4) ? 0 : random.between(0, LEFT_BYTES_MAX) },
    }),
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    const { disk } = world.node(node).host;
    const usualBytes = disk.freeBytes;
    return hold(
      world,
      `disk-full ${node}`,
      () => {
        disk.freeBytes = Math.min(disk.freeBytes, numberOf(plan, "leftBytes"));
      },
      () => {
        disk.freeBytes = usualBytes;
      },
    );
  },
};
