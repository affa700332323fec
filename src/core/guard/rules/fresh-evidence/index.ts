import { askedMembers } from "../../../history/fold.ts";
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

function judge({ snapshot, action, lock }: GuardContext) {
  const node = snapshot.nodes.find((one) => one.node === action.node);
  const ages: [string, number | undefined][] = [
    ["the lock", lock.observedAtMs],
    ["the unit", node?.units[action.role]?.observedAtMs],
    ["the store", node?.store?.last.observedAtMs],
    ...askedMembers(snapshot).map((asked): [string, number | undefined] => {
      const address = asked.member?.address ?? "";
      return [`dqlite member ${address}`, snapshot.members[address]?.reading.observedAtMs];
    }),
  ];
  const old = ages.filter(([, atMs]) => atMs === undefined || snapshot.nowMs - atMs > EVIDENCE_MAX_AGE_MS);
  if (old.length === 0) return null;
  const message = `read more than ${EVIDENCE_MAX_AGE_MS / 1000} s ago or never: ${old.map(([what]) => what).join(", ")}`;
  return refuse(
    "fresh-evidence",
    "stale",
    message,
    "run it again; if it stays, a tap hangs: quorate doctor shows which",
  );
}
