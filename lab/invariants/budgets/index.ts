import { type Invariant, restartBy, violation } from "../invariant.ts";

const HOUR_MS = 3_600_000;

/** The laws' numbers, written down a second time so that a change of the guard's shows. */
const PER_NODE_AND_HOUR_MAX = 2;
const PER_CLUSTER_AND_DAY_MAX = 6;

/** Two acts a little less than an hour apart by the world's clock may be an hour apart by a host's clock that runs fast or was stepped. */
const CLOCK_SLACK_MS = 120_000;

/** Law 9. Counted on the emulated systemd, and not in the journal that the guard counts in. */
export const budgets: Invariant = {
  id: "budgets",
  title: "no more restarts than the budgets allow",
  law: 9,
  create: () => {
    const acts: { readonly quorate: string; readonly node: string; readonly atMs: number }[] = [];
    return {
      onEvent: (event) => {
        const act = restartBy(event);
        if (act === null) return null;
        const { quorate } = act;
        const { node } = act.change;
        acts.push({ quorate, node, atMs: event.atMs });
        const within = (windowMs: number) =>
          acts.filter((one) => one.quorate === quorate && event.atMs - one.atMs < windowMs - CLOCK_SLACK_MS);
        const inHour = within(HOUR_MS).filter((one) => one.node === node).length;
        if (inHour > PER_NODE_AND_HOUR_MAX) {
          return violation(`${quorate} restarted units on ${node} ${inHour} times within the hour`);
        }
        const inDay = within(24 * HOUR_MS).length;
        return inDay > PER_CLUSTER_AND_DAY_MAX ? violation(`${quorate} restarted ${inDay} units within the day`) : null;
      },
    };
  },
};
