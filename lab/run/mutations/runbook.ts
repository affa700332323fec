import type { NodeTaps } from "../../../src/ports/node-taps.ts";
import type { Run, RunStore } from "../../../src/ports/run-store.ts";
import { isAfter, type JournalEntry, lastOf } from "../../../src/core/runbooks/journal.ts";
import { nextStep } from "../../../src/core/runbooks/renew-watches/index.ts";
import type { Mutation } from "./mutation.ts";

/** Steps in the wrong order, or without what makes them safe. */
export const RUNBOOK_MUTATIONS: readonly Mutation[] = [
  {
    id: "acts-before-its-intent",
    what: "the intent is written together with the outcome",
    expected: ["intent-first"],
    kinds: ["poll-death"],
    seams: { wrapStore: intentLate },
  },
  {
    id: "asks-again-at-once",
    what: "a restart that is not answered within a fifth of a second is simply asked for again",
    expected: ["observed-before-retry"],
    kinds: ["poll-death"],
    seams: { wrapTaps: impatient },
  },
  {
    id: "does-not-prove",
    what: "a restart is taken for a cure: no proof, and the lock is given back at once",
    expected: ["lock-until-stable"],
    kinds: ["poll-death"],
    seams: {
      nextStep: (entries) => {
        const step = nextStep(entries);
        if (step.step !== "prove") return step;
        const isReleased = isAfter(entries, "lock-released", "act-outcome");
        return isReleased ? { step: "close", result: "cured", message: "restarted" } : { step: "release-lock" };
      },
    },
  },
  {
    id: "kubelite-first",
    what: "the larger remedy comes first",
    expected: ["smallest-remedy"],
    kinds: ["poll-death"],
    seams: {
      nextStep: (entries) => {
        const step = nextStep(entries);
        return step.step === "act" && lastOf(entries, "act-intent") === null ? { step: "act", role: "kubelite" } : step;
      },
    },
  },
  {
    id: "restarts-twice",
    what: "each restart is made a second time, to be sure",
    expected: ["intent-first", "never-twice"],
    kinds: ["poll-death"],
    seams: { wrapTaps: twice },
  },
  {
    id: "token-of-its-own",
    what: "the restart command carries a token that no lock has given",
    expected: ["intent-first", "one-at-a-time"],
    kinds: ["poll-death"],
    seams: {
      wrapTaps: (taps) => ({
        ...taps,
        restart: (request) => taps.restart({ ...request, token: request.token + 1000 }),
      }),
    },
  },
  {
    id: "forgets-past-acts",
    what: "the journal tells of no past restarts, as a new one on each start would",
    expected: ["budgets"],
    kinds: ["poll-death"],
    minutes: 60,
    seams: { wrapStore: (store) => ({ ...store, pastActions: () => [] }) },
  },
];

function twice(taps: NodeTaps): NodeTaps {
  return {
    ...taps,
    restart: async (request) => {
      const first = await taps.restart(request);
      if (first.outcome !== "restarted") return first;
      return taps.restart({ ...request, expectedInvocationId: first.invocationId });
    },
  };
}

function impatient(taps: NodeTaps): NodeTaps {
  return {
    ...taps,
    restart: async (request) => {
      const first = await taps.restart({ ...request, deadlineMs: 200 });
      return first.outcome === "indeterminate" ? taps.restart(request) : first;
    },
  };
}

/** An intent stays in memory until the next entry. */
function intentLate(store: RunStore): RunStore {
  const late = new Map<string, JournalEntry>();
  const shown = (run: Run): Run => {
    const waiting = late.get(run.id);
    return waiting === undefined ? run : { ...run, entries: [...run.entries, waiting] };
  };
  return {
    ...store,
    append: (id, entry) => {
      const waiting = late.get(id);
      if (waiting !== undefined) {
        late.delete(id);
        store.append(id, waiting);
      }
      if (entry.kind !== "act-intent") return store.append(id, entry);
      late.set(id, entry);
      const run = store.openRuns().find((one) => one.id === id);
      return shown(run ?? { id, entries: [] });
    },
  };
}
