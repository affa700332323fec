import type { NodeName } from "../../src/core/model/observation.ts";
import type { World } from "../world/world.ts";
import { hold } from "./holds.ts";

/** Each write that must reach that node's disk takes that long until the returned function is called. */
export function slowDiskOf(world: World, node: NodeName, syncMs: number): () => void {
  const { disk } = world.node(node).host;
  const usualMs = disk.syncMs;
  return hold(
    world,
    `slow-disk ${node}`,
    () => {
      disk.syncMs = Math.max(disk.syncMs, syncMs);
    },
    () => {
      disk.syncMs = usualMs;
    },
  );
}
