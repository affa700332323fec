import { type GuardContext, type Rule, refuse } from "../../rule.ts";

const HOUR_MS = 3_600_000;

/** A cure is one restart, at most two. A node that needs a third within the hour has another illness: escalate. */
export const ACTIONS_PER_NODE_AND_HOUR_MAX = 2;

/** Two for each of three nodes: more in a day means that the cause is not what the restarts cure (law 9). */
export const ACTIONS_PER_CLUSTER_AND_DAY_MAX = 6;

/** Law 9: budgets; past them it escalates instead of acting. */
export const budgetRule: Rule = { id: "budget", keeps: "restarts from being repeated when they do not help", judge };

function judge({ pastActions, action, snapshot }: GuardContext) {
  const inHour = pastActions.filter((one) => one.node === action.node && snapshot.nowMs - one.atMs < HOUR_MS).length;
  if (inHour >= ACTIONS_PER_NODE_AND_HOUR_MAX) {
    const message = `${inHour} restarts on ${action.node} were done or tried within the hour (budget ${ACTIONS_PER_NODE_AND_HOUR_MAX})`;
    return refuse("budget", "node-budget", message, "look for the cause of the repeated break before another restart");
  }
  const inDay = pastActions.filter((one) => snapshot.nowMs - one.atMs < 24 * HOUR_MS).length;
  if (inDay >= ACTIONS_PER_CLUSTER_AND_DAY_MAX) {
    const message = `${inDay} restarts were done or tried within a day in this cluster (budget ${ACTIONS_PER_CLUSTER_AND_DAY_MAX})`;
    return refuse(
      "budget",
      "cluster-budget",
      message,
      "look for the cause of the repeated break before another restart",
    );
  }
  return null;
}
