import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/**
 * A restart while the writer is contended makes the election and the reconnects noisier and adds load (the incident of
 * 2026-06-24, compounding cause 2). Unknown contention does not refuse: the journal is a witness, not a gate, and the
 * store's own rung already has to be known.
 */
export const writerContendedRule: Rule = {
  id: "writer-contended",
  keeps: "a restart from adding load while writes already fail for contention",
  judge,
};

function judge({ ladder }: GuardContext) {
  const hot = ladder.nodes
    .flatMap(({ verdicts }) => verdicts)
    .find((verdict) => verdict.rung === "store" && verdict.reason === "writer-contended");
  if (hot === undefined) return null;
  const message = `on ${hot.node} ${hot.message}`;
  return refuse("writer-contended", "contended", message, "wait until the rate falls; add no restarts", hot.evidence);
}
