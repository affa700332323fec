import type { UnitRole, UnitState } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import type { RungId } from "../../core/model/verdict.ts";
import { lastOf } from "../../core/runbooks/journal.ts";
import { hasRestarted, type NextStep } from "../../core/runbooks/renew-watches/index.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import type { Run } from "../../ports/run-store.ts";
import { clusterLock } from "./cluster-lock.ts";
import { append, type RecoverContext } from "./context.ts";
import { decide } from "./decide.ts";
import { isProven } from "./proof.ts";
import { RECOVER_TIMING as T } from "./timing.ts";

/** Takes the lock; a lock that is not ours stops the run with nothing done. */
export async function takeLock(context: RecoverContext, run: Run, taps: NodeTaps): Promise<Run> {
  const holder = lastOf(run.entries, "opened")?.holder ?? "";
  const intended = append(context, run, { kind: "lock-intent" });
  const taken = await clusterLock(context, taps).take(holder, T.lockMs);
  if (taken.outcome === "held") {
    context.say(`the restart lock is ours (fencing token ${taken.token})`);
    return append(context, intended, { kind: "lock-held", token: taken.token });
  }
  const message =
    taken.outcome === "held-by-other"
      ? `the restart lock is held by ${taken.holder} (fencing token ${taken.token})`
      : taken.outcome === "lost-race"
        ? "somebody else took the restart lock at the same moment"
        : `the restart lock could not be taken: ${taken.detail}`;
  return append(context, intended, { kind: "stopped", result: "refused", message, refusals: [] });
}

/** Decides again, makes the intent durable, restarts on the node with the fencing token, records the outcome. */
export async function act(context: RecoverContext, run: Run, taps: NodeTaps, role: UnitRole): Promise<Run> {
  const unit = context.profile.units[role];
  const token = lastOf(run.entries, "lock-held")?.token ?? null;
  const holder = lastOf(run.entries, "opened")?.holder ?? "";
  if (unit === null || token === null) {
    return append(context, run, {
      kind: "stopped",
      result: "escalated",
      message: `there is no ${role} unit to restart`,
      refusals: [],
    });
  }
  const action = { kind: "restart-unit", node: taps.node, role, unit } as const;
  const decision = await decide(context, taps, action, { holder, token });
  if (isCuredLate(context, run, taps)) {
    return append(context, run, {
      kind: "proof",
      cured: true,
      detail: `${taps.node} was cured after the time of its proof`,
    });
  }
  if (context.signal.aborted) return interrupted(context, run);
  if (decision.refusals.length > 0 || decision.invocationId === null) {
    const message = decision.refusals[0]?.message ?? `the InvocationID of ${unit} could not be read`;
    const result = hasRestarted(run.entries) ? "escalated" : "refused";
    return append(context, run, { kind: "stopped", result, message, refusals: decision.refusals });
  }
  const expectedInvocationId = notDoneYet(run, role) ?? decision.invocationId;
  const intended = append(context, run, { kind: "act-intent", role, unit, expectedInvocationId, token });
  context.say(`restarting ${unit} on ${taps.node}`);
  const outcome = await taps.restart({ role, expectedInvocationId, token, deadlineMs: T.restartMs });
  switch (outcome.outcome) {
    case "restarted":
      context.say(`${unit} on ${taps.node} was restarted (InvocationID ${outcome.invocationId})`);
      return append(context, intended, {
        kind: "act-outcome",
        outcome: "restarted",
        invocationId: outcome.invocationId,
        detail: "",
      });
    case "refused":
      if (outcome.reason === "already-restarted") return settle(context, intended, taps, role, expectedInvocationId);
      return append(context, intended, {
        kind: "act-outcome",
        outcome: "refused",
        invocationId: null,
        detail: outcome.detail,
      });
    case "indeterminate":
      context.say(`no answer from ${taps.node} in time (${outcome.detail}): observing whether the restart happened`);
      return settle(context, intended, taps, role, expectedInvocationId);
    case "failed":
      return append(context, intended, {
        kind: "act-outcome",
        outcome: "failed",
        invocationId: null,
        detail: outcome.detail,
      });
  }
}

/**
 * The InvocationID that an earlier attempt was about, when it was observed as not done. A late command of that attempt
 * may still land; resting on the same id, the node lets only one of the two happen.
 */
function notDoneYet(run: Run, role: UnitRole): string | null {
  const intent = lastOf(run.entries, "act-intent");
  if (intent?.role !== role || lastOf(run.entries, "act-outcome")?.outcome !== "not-done") return null;
  return intent.expectedInvocationId;
}

/** A run that Ctrl-C stopped before it acted, or before it acted a second time: a restart that did not cure is no refusal. */
export function interrupted(context: RecoverContext, run: Run): Run {
  const acted = hasRestarted(run.entries);
  const message = acted ? "interrupted after a restart that did not cure" : "interrupted before anything was done";
  return append(context, run, { kind: "stopped", result: acted ? "escalated" : "refused", message, refusals: [] });
}

/** The cure may come after the proof has given up: then nothing more is restarted. */
function isCuredLate(context: RecoverContext, run: Run, taps: NodeTaps): boolean {
  const outcome = lastOf(run.entries, "act-outcome");
  if (lastOf(run.entries, "proof") === null || outcome === null) return false;
  return isProven(context.observer.snapshot(), taps.node, outcome.atMs);
}

/**
 * An intent without an outcome: the unit's InvocationID tells whether the restart happened. While the node cannot be
 * read the run stays open, and nothing is done twice. An unchanged InvocationID tells that it did not happen only while
 * the unit is active: a unit that is stopping keeps its old one for up to 30 s and is being restarted.
 */
export async function settle(
  context: RecoverContext,
  run: Run,
  taps: NodeTaps,
  role: UnitRole,
  expectedInvocationId: string,
): Promise<Run> {
  const endMs = context.clock.monotonicMs() + T.settleMs;
  let unit: Reading<UnitState> | null = null;
  while (context.clock.monotonicMs() < endMs && !context.signal.aborted) {
    unit = await taps.readUnit(role, T.settleReadMs);
    if (unit.known && unit.value.invocationId !== null) {
      const { invocationId, activeState } = unit.value;
      if (invocationId !== expectedInvocationId) {
        context.say(`the restart on ${taps.node} happened (InvocationID ${invocationId})`);
        return append(context, run, { kind: "act-outcome", outcome: "restarted", invocationId, detail: "observed" });
      }
      if (activeState === "active") {
        context.say(`the restart on ${taps.node} did not happen`);
        const detail = "observed: the InvocationID is unchanged";
        return append(context, run, { kind: "act-outcome", outcome: "not-done", invocationId, detail });
      }
    }
    await context.clock.sleep(T.settleEveryMs, context.signal);
  }
  if (unit?.known === true && !context.signal.aborted && isDown(unit.value)) {
    const detail = `${unit.value.unit} on ${taps.node} is ${unit.value.activeState} and was not started again`;
    return append(context, run, {
      kind: "act-outcome",
      outcome: "failed",
      invocationId: unit.value.invocationId,
      detail,
    });
  }
  const detail =
    unit === null ? "interrupted" : unit.known ? `${unit.value.unit} is ${unit.value.activeState}` : unit.detail;
  throw new Unsettled(`whether the restart on ${taps.node} happened is not known: ${detail}`);
}

/** Down for good, and not on its way: Quorate starts no units, so a person must. */
function isDown(unit: UnitState): boolean {
  return unit.activeState === "inactive" || unit.activeState === "failed";
}

/** The outcome of an act cannot be observed now: the run stays open and is resumed later. */
export class Unsettled extends Error {
  override readonly name = "Unsettled";
}

/** Waits for a served read and for the ladder to show, on evidence newer than the act, that the rung is cured. */
export async function prove(context: RecoverContext, run: Run, taps: NodeTaps): Promise<Run> {
  const opened = lastOf(run.entries, "opened");
  const actedAtMs = lastOf(run.entries, "act-outcome")?.atMs ?? context.clock.nowMs();
  const rung: RungId = opened?.rung ?? "feed";
  context.say(`waiting for ${taps.node} to serve, then proving rung ${rung} (up to ${T.proveMs / 1000} s)`);
  const done = () => isProven(context.observer.snapshot(), taps.node, actedAtMs);
  const ladder = await context.observer.until(done, T.proveMs, context.signal);
  const cured = done();
  if (!cured && context.signal.aborted) throw new Unsettled("interrupted after the restart and before its proof");
  const tookMs = context.clock.nowMs() - actedAtMs;
  const cause = ladder.nodes.find(({ node }) => node === taps.node)?.cause ?? null;
  const detail = cured
    ? `${taps.node} serves, its feed delivers and its watch caches follow, ${(tookMs / 1000).toFixed(1)} s after the restart`
    : `${taps.node} is not proven to be cured ${(tookMs / 1000).toFixed(1)} s after the restart${cause === null ? "" : `: ${cause.rung}: ${cause.verdict.message}`}`;
  context.say(detail);
  return append(context, run, { kind: "proof", cured, detail });
}

/** Gives the lock back. When that cannot be made certain it runs out by itself; the run ends either way. */
export async function releaseLock(context: RecoverContext, run: Run, taps: NodeTaps): Promise<Run> {
  const holder = lastOf(run.entries, "opened")?.holder ?? "";
  const released = await clusterLock(context, taps).release(holder, T.lockMs);
  if (!released) context.say("the restart lock could not be given back; it runs out by itself within 15 min");
  return append(context, run, { kind: "lock-released" });
}

/** Records the end. */
export function close(context: RecoverContext, run: Run, step: Extract<NextStep, { step: "close" }>): Run {
  return append(context, run, { kind: "closed", result: step.result, message: step.message });
}
