import type { PastAction, Refusal } from "../model/action.ts";
import type { NodeName, UnitRole } from "../model/observation.ts";
import type { RungId } from "../model/verdict.ts";

/** How a run ended. `refused` did nothing; `escalated` did what it may and hands over to a person. */
export type RunResult = "cured" | "refused" | "escalated";

/**
 * One line of a run's write-ahead journal. An intent is durable before the deed, the outcome after it: an intent
 * without an outcome may have happened and is observed before anything else is done.
 */
export type JournalEntry = { readonly atMs: number } & (
  | {
      readonly kind: "opened";
      /** Runbook id and version: an older version's run is never resumed by a newer machine. */
      readonly runbook: string;
      readonly node: NodeName;
      readonly rung: RungId;
      readonly resources: readonly string[];
      /** Our name on the lock, the same when the run is resumed. */
      readonly holder: string;
    }
  | { readonly kind: "lock-intent" }
  | { readonly kind: "lock-held"; readonly token: number }
  | {
      readonly kind: "act-intent";
      readonly role: UnitRole;
      readonly unit: string;
      /** The unit's InvocationID before the act: it changes with the restart, and only then. */
      readonly expectedInvocationId: string;
      readonly token: number;
    }
  | {
      readonly kind: "act-outcome";
      /** `not-done`: it was observed that it did not happen. */
      readonly outcome: "restarted" | "not-done" | "refused" | "failed";
      readonly invocationId: string | null;
      readonly detail: string;
    }
  | { readonly kind: "proof"; readonly cured: boolean; readonly detail: string }
  | {
      readonly kind: "stopped";
      readonly result: RunResult;
      readonly message: string;
      readonly refusals: readonly Refusal[];
    }
  | { readonly kind: "lock-released" }
  | { readonly kind: "closed"; readonly result: RunResult; readonly message: string }
);

export type EntryKind = JournalEntry["kind"];

/** The last entry of one kind, or null. */
export function lastOf<K extends EntryKind>(
  entries: readonly JournalEntry[],
  kind: K,
): Extract<JournalEntry, { kind: K }> | null {
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind === kind) return entry as Extract<JournalEntry, { kind: K }>;
  }
  return null;
}

/** Whether the last entry of `kind` comes after the last one of `other` (true when there is no `other`). */
export function isAfter(entries: readonly JournalEntry[], kind: EntryKind, other: EntryKind): boolean {
  const at = entries.findLastIndex((entry) => entry.kind === kind);
  return at >= 0 && at > entries.findLastIndex((entry) => entry.kind === other);
}

/**
 * The acts of a run that count against the budgets: all that were begun, except those of which it is certain that
 * nothing happened (observed as not done, or refused by the node). One without an outcome may have happened, and one
 * that failed may have stopped the unit and not started it again.
 */
export function actsOf(entries: readonly JournalEntry[]): readonly PastAction[] {
  const opened = lastOf(entries, "opened");
  if (opened === null) return [];
  return entries.flatMap((entry, index) => {
    if (entry.kind !== "act-intent") return [];
    const next = entries.slice(index + 1).find(({ kind }) => kind === "act-outcome" || kind === "act-intent");
    const nothingHappened = next?.kind === "act-outcome" && NOTHING_HAPPENED.includes(next.outcome);
    return nothingHappened ? [] : [{ node: opened.node, atMs: entry.atMs }];
  });
}

type ActOutcome = Extract<JournalEntry, { kind: "act-outcome" }>["outcome"];

const NOTHING_HAPPENED: readonly ActOutcome[] = ["not-done", "refused"];
