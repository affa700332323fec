import type { Cause, Ladder } from "../../core/ladder/climb.ts";
import type { Refusal, Remedy } from "../../core/model/action.ts";
import type { NodeName } from "../../core/model/observation.ts";
import { adviceFor, remedyFor } from "../../core/remedy/remedy.ts";
import { lastOf, type RunResult } from "../../core/runbooks/journal.ts";
import { RENEW_WATCHES } from "../../core/runbooks/renew-watches/index.ts";
import { type RecoverContext, tapsOf } from "./context.ts";
import { decide } from "./decide.ts";
import { driveRun, type RunEnd } from "./drive.ts";
import { RECOVER_TIMING as T } from "./timing.ts";

export interface RecoverOptions {
  /** Only this node; else the first cause that a restart cures. */
  readonly node: NodeName | null;
  /** Decide and show, and do nothing (no lock is taken, no run is opened). */
  readonly dryRun: boolean;
  readonly newId: () => string;
  /** Who asks, for the lock's holder and the journal. */
  readonly actor: string;
  /** Asked once before anything is done, with the plan; false ends it. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
}

/** What would be done, and what stands against it. */
export interface Plan {
  readonly cause: Cause;
  readonly remedy: Remedy;
  readonly refusals: readonly Refusal[];
}

/** How a call of recover ended. */
export type RecoverEnd =
  | { readonly end: "nothing-to-do"; readonly ladder: Ladder; readonly message: string }
  | { readonly end: "undecided"; readonly ladder: Ladder; readonly message: string }
  | { readonly end: "for-people"; readonly ladder: Ladder; readonly cause: Cause; readonly message: string }
  | { readonly end: "planned"; readonly ladder: Ladder; readonly plan: Plan }
  | { readonly end: "declined"; readonly ladder: Ladder; readonly plan: Plan }
  | {
      readonly end: "ran";
      readonly runId: string;
      readonly node: NodeName;
      readonly resumed: boolean;
      readonly result: RunResult | null;
      readonly message: string;
      readonly refusals: readonly Refusal[];
    };

/** Resumes an open run, or finds the cause, asks the guard and the person, and runs the runbook. */
export async function recover(context: RecoverContext, options: RecoverOptions): Promise<RecoverEnd> {
  const [open] = context.store.openRuns();
  if (open !== undefined && !options.dryRun) {
    const node = lastOf(open.entries, "opened")?.node ?? "";
    context.say(`resuming run ${open.id} about ${node}, which was not finished`);
    return ran(await driveRun(context, open), true);
  }
  const ladder = await context.observer.until((seen) => seen.waitingFor.length === 0, T.decideMs, context.signal);
  const cause = chooseCause(context, ladder, options.node);
  if (cause === null) return nothing(ladder, options.node);
  const remedy = remedyFor(cause, context.profile);
  if (remedy === null) return { end: "for-people", ladder, cause, message: adviceFor(cause, context.profile) };
  return runPlan(context, options, cause, remedy);
}

async function runPlan(
  context: RecoverContext,
  options: RecoverOptions,
  cause: Cause,
  remedy: Remedy,
): Promise<RecoverEnd> {
  const taps = tapsOf(context, cause.node);
  if (taps === null) throw new Error(`no taps for ${cause.node}`);
  const id = options.newId();
  const holder = `${options.actor}/${id}`;
  const { refusals, ladder } = await decide(context, taps, remedy.action, { holder, token: null });
  const plan: Plan = { cause, remedy, refusals };
  if (options.dryRun) return { end: "planned", ladder, plan };
  if (refusals.length > 0) {
    const message = refusals[0]?.message ?? "";
    return { end: "ran", runId: id, node: cause.node, resumed: false, result: "refused", message, refusals };
  }
  if (!(await options.confirm(plan)) || context.signal.aborted) return { end: "declined", ladder, plan };
  const opened = {
    kind: "opened" as const,
    atMs: context.clock.nowMs(),
    runbook: RENEW_WATCHES,
    node: cause.node,
    rung: cause.rung,
    resources: cause.verdict.resources ?? [],
    holder,
  };
  return ran(await driveRun(context, context.store.create(id, opened)), false);
}

function ran(end: RunEnd, resumed: boolean): RecoverEnd {
  const { run, result, message } = end;
  const node = lastOf(run.entries, "opened")?.node ?? "";
  const refusals = lastOf(run.entries, "stopped")?.refusals ?? [];
  return { end: "ran", runId: run.id, node, resumed, result, message, refusals };
}

/** The lowest broken rung that a restart cures, else the lowest that only a person may see to; on one node when it is named. */
function chooseCause({ profile }: RecoverContext, ladder: Ladder, node: NodeName | null): Cause | null {
  const causes = ladder.causes.filter((cause) => node === null || cause.node === node);
  return causes.find((cause) => remedyFor(cause, profile) !== null) ?? causes[0] ?? null;
}

function nothing(ladder: Ladder, node: NodeName | null): RecoverEnd {
  const verdicts = ladder.nodes.filter((one) => node === null || one.node === node).flatMap(({ verdicts }) => verdicts);
  if (node !== null && verdicts.length === 0) {
    return {
      end: "undecided",
      ladder,
      message: `${node} is not one of the observed nodes: ${ladder.nodes.map((one) => one.node).join(", ")}`,
    };
  }
  const unknown = verdicts.find(({ state }) => state === "unknown");
  if (unknown === undefined)
    return { end: "nothing-to-do", ladder, message: "no rung is broken: there is nothing to cure" };
  const message = `nothing is known to be broken, but rung ${unknown.rung} of ${unknown.node} is unknown: ${unknown.message}; unknown refuses`;
  return { end: "undecided", ladder, message };
}
