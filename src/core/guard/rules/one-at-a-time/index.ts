import type { UnitRole } from "../../../model/observation.ts";
import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/**
 * Law 2: a unit that started less than this ago has not stabilised yet. The datastore serves about 8 s after its
 * start, then replays up to 5 minutes of history on a busy cluster before it is live; a minute covers what was seen.
 */
export const STABILISED_AFTER_MS = 60_000;

/**
 * Refuses while any other node's units are starting, stopping or have just started, whoever restarted them. But a
 * kubelite that systemd restarts by itself is nobody's action: above a dead feed it ends every 38 s and never gets ready
 * (measured), and refusing for it would refuse the very restarts that heal the cluster. It carries no vote.
 */
export const oneAtATimeRule: Rule = {
  id: "one-at-a-time",
  keeps: "two nodes from being disrupted at the same time, whoever began",
  judge,
};

const ROLES: readonly UnitRole[] = ["datastore", "kubelite"];

function judge({ snapshot, action }: GuardContext) {
  for (const node of snapshot.nodes) {
    if (node.node === action.node) continue;
    for (const role of ROLES) {
      const unit = node.units[role];
      if (unit?.known !== true) continue;
      const { activeState, activeEnterAtMs, restarts } = unit.value;
      if (role === "kubelite" && restarts > 0) continue;
      const sinceMs = activeEnterAtMs === null ? null : snapshot.nowMs - activeEnterAtMs;
      const moving = activeState === "activating" || activeState === "deactivating";
      if (!moving && (sinceMs === null || sinceMs >= STABILISED_AFTER_MS)) continue;
      const what = moving ? `is ${activeState}` : `started ${Math.max(0, Math.round((sinceMs ?? 0) / 1000))} s ago`;
      const message = `${unit.value.unit} on ${node.node} ${what}: the cluster has not stabilised`;
      return refuse(
        "one-at-a-time",
        "restart-in-progress",
        message,
        `wait ${STABILISED_AFTER_MS / 1000} s after the last restart`,
      );
    }
  }
  return null;
}
