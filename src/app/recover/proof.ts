import { climb } from "../../core/ladder/climb.ts";
import type { NodeName } from "../../core/model/observation.ts";
import type { Snapshot } from "../../core/model/snapshot.ts";

/**
 * Whether the ladder shows, on evidence newer than the act alone, that the node is cured: the store was served, the
 * feed delivered and every judged watch cache followed after it, and no rung of the node is broken.
 */
export function isProven(snapshot: Snapshot, name: NodeName, actedAtMs: number): boolean {
  const node = snapshot.nodes.find((one) => one.node === name);
  const verdicts = climb(snapshot).nodes.find((one) => one.node === name)?.verdicts ?? [];
  if (node === undefined || verdicts.some(({ state }) => state === "broken")) return false;
  const settled = verdicts.filter(({ rung }) => rung !== "unit" && rung !== "quorum");
  if (settled.some(({ state }) => state === "unknown")) return false;
  const servedAtMs = node.store?.lastServed?.atMs ?? 0;
  const deliveredAtMs = node.feed?.caughtUpAtMs ?? 0;
  const followed = Object.values(node.caches).every((cache) => cache.last.known && cache.last.observedAtMs > actedAtMs);
  return servedAtMs > actedAtMs && deliveredAtMs > actedAtMs && followed;
}
