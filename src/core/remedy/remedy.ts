import type { Profile } from "../profiles/profile.ts";
import type { Cause } from "../ladder/climb.ts";
import type { Remedy } from "../model/action.ts";

/**
 * The remedy of a cause: for a dead feed and for a mute watch cache alike, the restart of that node's datastore cures
 * (measured: the running apiserver's cache was fresh 2 to 5 s later). Null where only a person may act, which includes
 * the restart of one of so few voters that it would cost the quorum: the guard never permits it.
 */
export function remedyFor(cause: Cause, profile: Profile): Remedy | null {
  if (cause.rung !== "feed" && cause.rung !== "cache") return null;
  if (!profile.remedyRungs.includes(cause.rung) || cause.votersTooFew !== null) return null;
  const unit = profile.units.datastore;
  if (unit === null) return null;
  return {
    rung: cause.rung,
    action: { kind: "restart-unit", node: cause.node, role: "datastore", unit },
    why: WHY[cause.rung],
  };
}

/** When the rung is still broken after the datastore's restart, and only then. */
export function secondRemedyFor(first: Remedy, profile: Profile): Remedy | null {
  const unit = profile.units.kubelite;
  if (unit === null || first.action.role === "kubelite") return null;
  return {
    rung: first.rung,
    action: { kind: "restart-unit", node: first.action.node, role: "kubelite", unit },
    why: "the datastore was restarted and the rung is still broken, so the apiserver's own streams are renewed",
  };
}

const WHY: Readonly<Record<"feed" | "cache", string>> = {
  feed: "restarting only this node's datastore revives its watch feed; the apiserver and kubelet stay up (restarting the apiserver on a dead feed makes it worse)",
  cache:
    "restarting only this node's datastore ends the mute watch streams, and the running apiserver opens them anew; nothing else is touched",
};

/** What a person should do about a rung for which Quorate does not act. */
export function adviceFor(cause: Cause, profile: Profile): string {
  switch (cause.rung) {
    case "unit":
      return cause.verdict.reason === "failed"
        ? "read the unit's journal; Quorate does not start units"
        : "somebody stopped it: what a person stopped stays stopped; start it when that is wanted";
    case "quorum":
      return "bring the missing voters back (power, network, unit); never delete or reconfigure members while unsure";
    case "store":
      return "look at disk space and latency of the leader's node, and at the journal of the datastore; do not add restarts or writes";
    case "feed":
    case "cache":
      if (remedyFor(cause, profile) !== null) return "run quorate recover";
      return cause.votersTooFew === null || !profile.remedyRungs.includes(cause.rung)
        ? `no remedy was ever tried on ${profile.title}; Quorate only looks there`
        : adviceForFewVoters(cause.votersTooFew, cause.node, profile);
  }
}

function adviceForFewVoters(voters: number, node: string, profile: Profile): string {
  const unit = profile.units.datastore ?? "the datastore";
  const outage =
    voters === 1
      ? `the only voter is on ${node}, so restarting ${unit} there, which cures, is a short outage of the whole control plane`
      : `restarting ${unit} on ${node}, which cures, loses quorum until it is back: both of ${voters} voters are needed, and the whole control plane stands still meanwhile`;
  return `${outage}; Quorate does not do that: a person decides when, and then restarts that unit and nothing else`;
}
