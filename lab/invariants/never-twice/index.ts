import type { UnitRole } from "../../../src/core/model/observation.ts";
import { lastOf } from "../../../src/core/runbooks/journal.ts";
import { UNITS } from "../../world/world.ts";
import { type Invariant, restartBy, violation } from "../invariant.ts";

const ROLES: readonly UnitRole[] = ["datastore", "kubelite"];

/** Law 6, second half. Killed wherever it may be, a run restarts each unit once at most, and nothing is restarted without one. */
export const neverTwice: Invariant = {
  id: "never-twice",
  title: "a run never acts twice",
  law: 6,
  create: ({ quorates }) => {
    const done = new Map<string, number>();
    return {
      onEvent: (event) => {
        const act = restartBy(event);
        if (act === null) return null;
        const { node, unit } = act.change;
        const role = ROLES.find((one) => UNITS[one] === unit);
        const runs = quorates.find(({ name }) => name === act.quorate)?.runs() ?? [];
        const run = runs.findLast(({ entries }) => {
          const intents = entries.filter((entry) => entry.kind === "act-intent");
          return lastOf(entries, "opened")?.node === node && intents.some((intent) => intent.role === role);
        });
        if (run === undefined)
          return violation(`${act.quorate} restarted ${unit} on ${node}, and no run of its says so`);
        const key = `${act.quorate} ${run.id} ${unit}`;
        const times = (done.get(key) ?? 0) + 1;
        done.set(key, times);
        return times === 1
          ? null
          : violation(`run ${run.id} of ${act.quorate} restarted ${unit} on ${node} ${times} times`);
      },
    };
  },
};
