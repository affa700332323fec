import { isAfter, type JournalEntry, lastOf, type RunResult } from "../journal.ts";
import type { UnitRole } from "../../model/observation.ts";

/** Bump the version when the meaning of an entry changes: runs of another version are not resumed but escalated. */
export const RENEW_WATCHES = "renew-watches@1";

/** How many times an act that was observed as not done is tried again before a person is asked. */
export const ACT_ATTEMPTS_MAX = 3;

/** What the run must do next. The driver does it and appends what came out; the machine never waits or reads. */
export type NextStep =
  | { readonly step: "take-lock" }
  /** Observe anew, ask the guard, make the intent durable, act. */
  | { readonly step: "act"; readonly role: UnitRole }
  /** An intent has no outcome: the act may have happened. Observe the unit before anything else. */
  | { readonly step: "settle"; readonly unit: string; readonly expectedInvocationId: string }
  /** Wait for a served read, then climb the ladder. */
  | { readonly step: "prove" }
  | { readonly step: "release-lock" }
  | { readonly step: "close"; readonly result: RunResult; readonly message: string }
  | { readonly step: "done" };

/**
 * Runbook `renew-watches`: cures a dead feed or a mute watch cache by restarting the node's datastore, and kubelite
 * only if the rung is still broken after that. A pure function of the journal, so a run that was killed at any entry
 * goes on from exactly there.
 */
export function nextStep(entries: readonly JournalEntry[]): NextStep {
  const opened = lastOf(entries, "opened");
  if (opened === null || lastOf(entries, "closed") !== null) return { step: "done" };
  const stopped = lastOf(entries, "stopped");
  if (stopped !== null) return finish(entries, stopped.result, stopped.message);
  if (opened.runbook !== RENEW_WATCHES) {
    return finish(entries, "escalated", `the run was begun by runbook ${opened.runbook}; this is ${RENEW_WATCHES}`);
  }
  const intent = lastOf(entries, "act-intent");
  if (intent !== null && isAfter(entries, "act-intent", "act-outcome")) {
    return { step: "settle", unit: intent.unit, expectedInvocationId: intent.expectedInvocationId };
  }
  if (lastOf(entries, "lock-held") === null) return { step: "take-lock" };
  return intent === null ? { step: "act", role: "datastore" } : afterAct(entries, intent.role);
}

function afterAct(entries: readonly JournalEntry[], role: UnitRole): NextStep {
  const outcome = lastOf(entries, "act-outcome");
  if (outcome === null) return { step: "act", role };
  if (outcome.outcome === "not-done") {
    const attempts = entries.filter((entry) => entry.kind === "act-intent").length;
    if (attempts < ACT_ATTEMPTS_MAX) return { step: "act", role };
    return finish(entries, "escalated", `the restart did not happen in ${attempts} attempts: ${outcome.detail}`);
  }
  if (outcome.outcome === "refused" && !hasRestarted(entries)) return finish(entries, "refused", outcome.detail);
  if (outcome.outcome !== "restarted") return finish(entries, "escalated", outcome.detail);
  if (!isAfter(entries, "proof", "act-outcome")) return { step: "prove" };
  const proof = lastOf(entries, "proof");
  if (proof?.cured === true) return finish(entries, "cured", proof.detail);
  if (role === "datastore") return { step: "act", role: "kubelite" };
  return finish(entries, "escalated", `still broken after both restarts: ${proof?.detail ?? "no proof"}`);
}

/** Whether the run has restarted something: from then on it cannot end as if nothing was done. */
export function hasRestarted(entries: readonly JournalEntry[]): boolean {
  return entries.some((entry) => entry.kind === "act-outcome" && entry.outcome === "restarted");
}

function finish(entries: readonly JournalEntry[], result: RunResult, message: string): NextStep {
  const mayHold = lastOf(entries, "lock-intent") !== null && lastOf(entries, "lock-released") === null;
  return mayHold ? { step: "release-lock" } : { step: "close", result, message };
}
