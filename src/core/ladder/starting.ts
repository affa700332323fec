import type { UnitRole } from "../model/observation.ts";
import type { NodeSnapshot, Snapshot } from "../model/snapshot.ts";
import type { Verdict } from "../model/verdict.ts";

/**
 * A unit that became active less than this ago is still starting: the MicroK8s wrapper sleeps 6 s before it runs the
 * datastore, the apiserver then needs 2 to 4 s (measured), and both at once on a busy node a little more.
 */
export const STARTING_MS = 15_000;

/** On the way, by somebody's restart or systemd's own: `systemctl restart` alone takes seconds to stop the datastore. */
export const MOVING_STATES: readonly string[] = ["activating", "deactivating"];

/** Whether the unit became active only just now. */
export function isStarting(snapshot: Snapshot, node: NodeSnapshot, role: UnitRole): boolean {
  const observed = node.units[role];
  if (observed?.known !== true || observed.value.activeEnterAtMs === null) return false;
  const ageMs = snapshot.nowMs - observed.value.activeEnterAtMs;
  return ageMs >= 0 && ageMs < STARTING_MS;
}

/** What a datastore that is only just starting breaks on its own node; a lost quorum is more than that. */
const OWN_REASONS: readonly string[] = ["member-down", "member-silent", "no-leader-here"];

/**
 * While the node's datastore starts or stops, what stands above it on the same node cannot work and is no break of its
 * own: it is undecided until the datastore serves. A restart under way must not be answered by another one.
 */
export function excuseStarting(snapshot: Snapshot, node: NodeSnapshot, verdict: Verdict): Verdict {
  if (verdict.state !== "broken" || verdict.rung === "unit") return verdict;
  if (verdict.rung === "quorum" && !OWN_REASONS.includes(verdict.reason)) return verdict;
  const unit = node.units.datastore;
  const isMoving = unit?.known === true && MOVING_STATES.includes(unit.value.activeState);
  if (!isMoving && !isStarting(snapshot, node, "datastore")) return verdict;
  const message = `the datastore is starting; ${verdict.message}`;
  const { resources: _, ...rest } = verdict;
  return { ...rest, state: "unknown", reason: "starting", message, waitingFor: "the datastore to serve" };
}
