import { isAfter, lastOf } from "../../../src/core/runbooks/journal.ts";
import { type Invariant, UNSEEN_MS, violation } from "../invariant.ts";
import { createSince } from "../since.ts";

/** Law 2, second half. The lock is given back only once the cluster has stabilised, or a person was told that it has not. */
export const lockUntilStable: Invariant = {
  id: "lock-until-stable",
  title: "the lock is held until the cluster has stabilised",
  law: 2,
  create: ({ truth, quorates }) => {
    const serving = createSince();
    /** When giving the lock back last failed, and was told to have failed. */
    const failedMs = new Map<string, number>();
    const holderOf = (run: string, quorate: string): string | undefined => {
      const runs = quorates.find(({ name }) => name === quorate)?.runs() ?? [];
      return lastOf(runs.find(({ id }) => id === run)?.entries ?? [], "opened")?.holder;
    };
    const look = (): void => {
      for (const node of truth.nodes) {
        const isServing = truth.process(node, "datastore") === "running" && truth.isPollAlive(node);
        serving.see(node, isServing, truth.nowMs());
      }
    };
    return {
      check: () => {
        look();
        return null;
      },
      onEvent: (event) => {
        if (event.kind === "unit") look();
        if (event.kind === "entry" && event.entry.kind === "lock-released") {
          const holder = truth.lock()?.holder ?? "";
          if (holder !== holderOf(event.run, event.quorate) || failedMs.get(event.quorate) === event.atMs) return null;
          return violation(`run ${event.run} of ${event.quorate} says that it gave the lock back, and still holds it`);
        }
        if (event.kind !== "lock-release") return null;
        if (!event.isReleased) failedMs.set(event.quorate, event.atMs);
        look();
        const run = quorates
          .find(({ name }) => name === event.quorate)
          ?.runs()
          .find(({ entries }) => lastOf(entries, "opened")?.holder === event.holder);
        const entries = run?.entries ?? [];
        const intent = lastOf(entries, "act-intent");
        if (intent === null || lastOf(entries, "stopped") !== null) return null;
        const outcome = lastOf(entries, "act-outcome");
        if (outcome === null || isAfter(entries, "act-intent", "act-outcome")) {
          return violation(
            `${event.quorate} gave the lock back before it knew whether its restart of ${event.node} happened`,
          );
        }
        if (outcome.outcome !== "restarted") return null;
        const proof = lastOf(entries, "proof");
        if (proof === null || !isAfter(entries, "proof", "act-outcome")) {
          return violation(`${event.quorate} gave the lock back without a proof after its restart of ${event.node}`);
        }
        if (!proof.cured || serving.agoMs(event.node, event.atMs) < UNSEEN_MS) return null;
        return violation(
          `${event.quorate} gave the lock back as cured, and the datastore of ${event.node} does not serve`,
        );
      },
    };
  },
};
