import type { UnitRole } from "../../../model/observation.ts";
import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/**
 * Law 4: a decision is made on what was read just now. Taps read at least every 2 s with deadlines of up to 4 s, so
 * evidence of a working tap is never older than this. In the incident of 2026-06-24 the contention was read 3 s before
 * the restart, and the restart came regardless.
 */
export const EVIDENCE_MAX_AGE_MS = 8000;

export const freshEvidenceRule: Rule = {
  id: "fresh-evidence",
  keeps: "a restart from resting on old observations",
  judge,
};

function judge(context: GuardContext) {
  const { nowMs } = context.snapshot;
  const old = evidenceOf(context).filter(([, atMs]) => atMs === undefined || nowMs - atMs > EVIDENCE_MAX_AGE_MS);
  if (old.length === 0) return null;
  const message = `read more than ${EVIDENCE_MAX_AGE_MS / 1000} s ago or never: ${old.map(([what]) => what).join(", ")}`;
  return refuse(
    "fresh-evidence",
    "stale",
    message,
    "run it again; if it stays, a tap hangs: quorate doctor shows which",
  );
}

/** What was read, and when: all that the other rules and the cause of the action rest on. */
type Read = readonly [what: string, atMs: number | undefined];

function evidenceOf(context: GuardContext): readonly Read[] {
  const { snapshot, action, lock } = context;
  const node = snapshot.nodes.find((one) => one.node === action.node);
  return [
    ["the lock", lock.observedAtMs],
    ["the stop marker", node?.stoppedOnPurpose?.observedAtMs],
    ["the store", node?.store?.last.observedAtMs],
    ...unitReads(context),
    ...causeReads(context),
    ...Object.values(snapshot.members).map(({ member, reading }): Read => {
      return [`dqlite member ${member.address}`, reading.observedAtMs];
    }),
  ];
}

/** The unit that is to be restarted, and on the other nodes both: they must not be on the way themselves. */
function unitReads({ snapshot, action }: GuardContext): readonly Read[] {
  return snapshot.nodes.flatMap(({ node, units }) => {
    const roles: readonly UnitRole[] = node === action.node ? [action.role] : ["datastore", "kubelite"];
    return roles.map((role): Read => [`the ${role} unit of ${node}`, units[role]?.observedAtMs]);
  });
}

/** A rung stays broken on its last proof, however old: a stream that fell silent since proves nothing today. */
function causeReads({ snapshot, ladder, action }: GuardContext): readonly Read[] {
  const cause = ladder.nodes.find(({ node }) => node === action.node)?.cause;
  const node = snapshot.nodes.find((one) => one.node === action.node);
  if (cause?.rung === "feed") {
    const progress = node?.feed?.lastProgress;
    return progress == null ? [] : [["the feed", progress.atMs]];
  }
  const resources = cause?.rung === "cache" ? (cause.verdict.resources ?? []) : [];
  return resources.map((name): Read => [`the watch cache of ${name}`, node?.caches[name]?.still?.lastReadAtMs]);
}
