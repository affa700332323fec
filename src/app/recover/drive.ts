import { lastOf, type RunResult } from "../../core/runbooks/journal.ts";
import { nextStep } from "../../core/runbooks/renew-watches/index.ts";
import type { UnitRole } from "../../core/model/observation.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import type { Run } from "../../ports/run-store.ts";
import { type RecoverContext, tapsOf } from "./context.ts";
import { act, close, interrupted, prove, releaseLock, settle, takeLock, Unsettled } from "./steps.ts";

export interface RunEnd {
  readonly run: Run;
  /** Null: the run stays open and is resumed by the next call. */
  readonly result: RunResult | null;
  readonly message: string;
}

/** Drives a run from wherever its journal stands to its end. Never acts twice: see `nextStep`. */
export async function driveRun(context: RecoverContext, begun: Run): Promise<RunEnd> {
  let run = begun;
  const node = lastOf(run.entries, "opened")?.node ?? "";
  const taps = tapsOf(context, node);
  if (taps === null) return { run, result: null, message: `the run ${run.id} is about ${node}, which was not named` };
  try {
    for (;;) {
      const step = (context.nextStep ?? nextStep)(run.entries);
      if (step.step === "done") return ended(run);
      run = await takeStep(context, run, taps, step);
    }
  } catch (error) {
    if (error instanceof Unsettled) return { run, result: null, message: error.message };
    throw error;
  }
}

function takeStep(
  context: RecoverContext,
  run: Run,
  taps: NodeTaps,
  step: Exclude<ReturnType<typeof nextStep>, { step: "done" }>,
): Promise<Run> | Run {
  const untouched = lastOf(run.entries, "act-intent") === null;
  if (context.signal.aborted && untouched && (step.step === "take-lock" || step.step === "act"))
    return interrupted(context, run);
  switch (step.step) {
    case "take-lock":
      return takeLock(context, run, taps);
    case "act":
      return act(context, run, taps, step.role);
    case "settle":
      return settle(context, run, taps, roleOf(run), step.expectedInvocationId);
    case "prove":
      return prove(context, run, taps);
    case "release-lock":
      return releaseLock(context, run, taps);
    case "close":
      return close(context, run, step);
  }
}

function roleOf(run: Run): UnitRole {
  return lastOf(run.entries, "act-intent")?.role ?? "datastore";
}

function ended(run: Run): RunEnd {
  const closed = lastOf(run.entries, "closed");
  return { run, result: closed?.result ?? null, message: closed?.message ?? "" };
}
