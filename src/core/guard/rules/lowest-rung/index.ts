import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/** Law 10: the smallest remedy for the lowest broken rung. A restart for a healthy node, or for a rung that a restart does not cure, is refused. */
export const lowestRungRule: Rule = {
  id: "lowest-rung",
  keeps: "a restart from being done where the lowest broken rung does not call for it",
  judge,
};

function judge({ ladder, action }: GuardContext) {
  const cause = ladder.nodes.find(({ node }) => node === action.node)?.cause ?? null;
  if (cause === null) {
    const message = `no rung is broken on ${action.node}: there is nothing to cure`;
    return refuse("lowest-rung", "nothing-broken", message, "nothing to do; quorate doctor shows the ladder");
  }
  if (cause.rung === "feed" || cause.rung === "cache") return null;
  const message = `the lowest broken rung of ${action.node} is ${cause.rung}, which a restart of ${action.unit} does not cure: ${cause.verdict.message}`;
  return refuse("lowest-rung", `cause-is-${cause.rung}`, message, "see to that first", cause.verdict.evidence);
}
