import { lastOf } from "../../../src/core/runbooks/journal.ts";
import { UNITS } from "../../world/world.ts";
import { breaksNow, createHeld } from "../breaks.ts";
import { type Invariant, restartBy, violation } from "../invariant.ts";
import { createSince } from "../since.ts";

/**
 * A break that was over for this long before the act was no reason for it any more: a decision waits up to 15 s for its
 * reads, twice, and a proof that gives up takes two minutes.
 */
const OVER_MS = 60_000;

/** A lower break that has held for so long before the act was there to be seen. */
const LOWER_MS = 25_000;

/** Law 10. The datastore first, and only where a feed or a cache really is dead; kubelite only after that did not help. */
export const smallestRemedy: Invariant = {
  id: "smallest-remedy",
  title: "the smallest remedy for the lowest broken rung",
  law: 10,
  create: ({ truth, quorates }) => {
    const broken = createSince();
    const held = createHeld();
    const look = (): void => {
      for (const node of truth.nodes) {
        const found = breaksNow(truth, node, held.now);
        for (const rung of ["unit", "quorum", "feed", "cache"] as const) {
          broken.see(`${node} ${rung}`, found.has(rung), truth.nowMs());
        }
      }
    };
    return {
      check: () => {
        look();
        return null;
      },
      onEvent: (event) => {
        held.see(event);
        if (event.kind === "fault" || event.kind === "leader") look();
        const act = restartBy(event);
        if (act === null) return null;
        const { node, unit } = act.change;
        const overMs = Math.min(broken.agoMs(`${node} feed`, event.atMs), broken.agoMs(`${node} cache`, event.atMs));
        if (overMs > OVER_MS) {
          const when =
            overMs === Number.POSITIVE_INFINITY
              ? "was never broken"
              : `had been healthy for ${Math.round(overMs / 1000)} s`;
          return violation(`${act.quorate} restarted ${unit} on ${node}, whose feed and caches ${when}`);
        }
        const lower = (["unit", "quorum"] as const).find(
          (rung) => broken.forMs(`${node} ${rung}`, event.atMs) > LOWER_MS,
        );
        if (lower !== undefined)
          return violation(`${act.quorate} restarted ${unit} on ${node}, whose ${lower} was broken below it`);
        if (unit === UNITS.datastore) return null;
        const runs = quorates.find(({ name }) => name === act.quorate)?.runs() ?? [];
        const entries = runs.findLast((run) => lastOf(run.entries, "opened")?.node === node)?.entries ?? [];
        const tried = entries.some((entry) => entry.kind === "act-intent" && entry.role === "datastore");
        const failed = entries.some((entry) => entry.kind === "proof" && !entry.cured);
        if (tried && failed) return null;
        return violation(
          `${act.quorate} restarted ${unit} on ${node} before it had shown that its datastore's restart does not help`,
        );
      },
    };
  },
};
