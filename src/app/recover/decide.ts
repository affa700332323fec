import { guard } from "../../core/guard/guard.ts";
import type { LockState } from "../../core/guard/rule.ts";
import type { Ladder } from "../../core/ladder/climb.ts";
import type { Action, Refusal } from "../../core/model/action.ts";
import type { Observed } from "../../core/model/observed.ts";
import type { Snapshot } from "../../core/model/snapshot.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import { clusterLock } from "./cluster-lock.ts";
import { pastActions, type RecoverContext } from "./context.ts";
import { notReadSince, refuseUnread } from "./reread.ts";
import { RECOVER_TIMING as T } from "./timing.ts";

export interface Decision {
  readonly ladder: Ladder;
  /** None: the action is permitted. */
  readonly refusals: readonly Refusal[];
  /** The unit's InvocationID that the decision rests on; null when it could not be read. */
  readonly invocationId: string | null;
}

/**
 * Observes until the ladder is decided, reads the lock past every cache, and asks the guard. `token` is the fencing
 * token that we hold, null before the lock is taken; with it, everything is read again first.
 */
export async function decide(
  context: RecoverContext,
  taps: NodeTaps,
  action: Action,
  self: { readonly holder: string; readonly token: number | null },
): Promise<Decision> {
  const sinceMs = self.token === null ? null : context.clock.nowMs();
  const isReread = (snapshot: Snapshot) => sinceMs === null || notReadSince(snapshot, action, sinceMs).length === 0;
  const isDecided = (ladder: Ladder, snapshot: Snapshot) => ladder.waitingFor.length === 0 && isReread(snapshot);
  await context.observer.until(isDecided, T.decideMs, context.signal);
  const reading = await clusterLock(context, taps).read(T.lockMs);
  const lock: Observed<LockState> = { ...reading, observedAtMs: context.clock.nowMs() };
  const snapshot = context.observer.snapshot();
  const ladder = context.observer.ladder();
  const unread = sinceMs === null ? [] : refuseUnread(snapshot, action, sinceMs);
  const refusals = [
    ...unread,
    ...guard({ snapshot, ladder, action, lock, self, pastActions: pastActions(context) }, context.rules),
  ];
  const unit = snapshot.nodes.find(({ node }) => node === action.node)?.units[action.role];
  return { ladder, refusals, invocationId: unit?.known === true ? unit.value.invocationId : null };
}
