import { majority } from "../../../src/core/quorum/majority.ts";
import { UNITS } from "../../world/world.ts";
import { type Invariant, restartBy, UNSEEN_MS, violation } from "../invariant.ts";
import { createSince } from "../since.ts";
import { isHealthyVoter } from "../truth.ts";

/** Law 1. The count of voters does not shrink with a restart, so the rest must carry the majority of all. */
export const voterMajority: Invariant = {
  id: "voter-majority",
  title: "never, by our hand, fewer healthy voters than a majority of all voters",
  law: 1,
  create: ({ truth }) => {
    const healthy = createSince();
    const look = (): void => {
      for (const node of truth.nodes) healthy.see(node, isHealthyVoter(truth, node), truth.nowMs());
    };
    return {
      check: () => {
        look();
        return null;
      },
      onEvent: (event) => {
        if (event.kind === "leader" || event.kind === "unit") look();
        const act = restartBy(event);
        if (act === null || act.change.unit !== UNITS.datastore) return null;
        const voters = truth.voters();
        const left = voters.filter((node) => node !== act.change.node && healthy.agoMs(node, event.atMs) < UNSEEN_MS);
        const needed = majority(voters.length);
        if (left.length >= needed) return null;
        const named = left.length === 0 ? "none" : left.join(", ");
        return violation(
          `${act.quorate} restarted the datastore of ${act.change.node}: of ${voters.length} voters ${named} were left, ${needed} are needed`,
        );
      },
    };
  },
};
