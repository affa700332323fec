import type { RungId, Verdict } from "../../../model/verdict.ts";
import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/**
 * Law 3: unknown refuses. On the node of the action everything below its broken rung must be known; on the other nodes
 * the units and the quorum, since they must carry the cluster meanwhile.
 */
export const unknownRungRule: Rule = {
  id: "unknown-rung",
  keeps: "a restart from resting on something that could not be read",
  judge,
};

const NEEDED_ELSEWHERE: readonly RungId[] = ["unit", "quorum"];

function judge({ ladder, action }: GuardContext) {
  const unread = ladder.nodes.flatMap(({ node, verdicts, cause }) => {
    const needed = (verdict: Verdict) =>
      node === action.node ? isBelow(verdicts, verdict, cause?.rung) : NEEDED_ELSEWHERE.includes(verdict.rung);
    return verdicts.filter((verdict) => verdict.state === "unknown" && needed(verdict));
  });
  if (!ladder.nodes.some(({ node }) => node === action.node)) {
    return refuse(
      "unknown-rung",
      "node-not-observed",
      `${action.node} was not observed`,
      "name it in --ssh or the configuration",
    );
  }
  const first = unread[0];
  if (first === undefined) return null;
  const names = unread.map((verdict) => `${verdict.rung} of ${verdict.node}`).join(", ");
  const message = `not known: ${names}; first: ${first.message}`;
  return refuse(
    "unknown-rung",
    "unknown",
    message,
    "make it readable, or find out by hand and act by hand",
    first.evidence,
  );
}

function isBelow(verdicts: readonly Verdict[], verdict: Verdict, rung: RungId | undefined): boolean {
  const bound = verdicts.findIndex((one) => one.rung === rung);
  return verdicts.indexOf(verdict) < (bound < 0 ? verdicts.length : bound);
}
