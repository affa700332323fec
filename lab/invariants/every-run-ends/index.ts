import { lastOf } from "../../../src/core/runbooks/journal.ts";
import type { Run } from "../../../src/ports/run-store.ts";
import { type Invariant, violation } from "../invariant.ts";

/** Killed, cut off or refused on its way: once everything is healed, each run has ended, and says how and why. */
export const everyRunEnds: Invariant = {
  id: "every-run-ends",
  title: "every run ends: cured, refused with a reason, or handed over to people",
  law: null,
  create: ({ quorates }) => ({
    onEvent: (event) =>
      event.kind === "quorate-crashed"
        ? violation(`${event.quorate} ended by an error of its own: ${event.error}`)
        : null,
    finish: () => {
      for (const quorate of quorates) {
        if (quorate.mode !== "recover") continue;
        for (const run of quorate.runs()) {
          const problem = problemOf(run);
          if (problem !== null) return violation(`run ${run.id} of ${quorate.name} ${problem}`);
        }
      }
      return null;
    },
  }),
};

function problemOf({ entries }: Run): string | null {
  const closed = lastOf(entries, "closed");
  if (closed === null) return `never ended: its last entry is ${entries.at(-1)?.kind ?? "none"}`;
  if (closed.message === "") return `ended as ${closed.result} without a word`;
  const restarted = entries.some((entry) => entry.kind === "act-outcome" && entry.outcome === "restarted");
  if (closed.result === "refused" && restarted) return "ended as refused after a restart";
  if (closed.result === "cured" && lastOf(entries, "proof")?.cured !== true) return "ended as cured without a proof";
  return null;
}
