import type { Ladder } from "../ladder/climb.ts";
import type { Action, PastAction, Refusal } from "../model/action.ts";
import type { Observed } from "../model/observed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Evidence } from "../model/verdict.ts";

/** The cluster-wide restart lock, as its Lease in the store says. */
export interface LockState {
  /** Null when nobody holds it, or the holder's time is over by the server's clock. */
  readonly holder: string | null;
  /** Revision of the store at which the present holder took it. */
  readonly token: number;
}

/** All that a decision rests on. Read once, right before the decision; rules never read anything themselves. */
export interface GuardContext {
  readonly snapshot: Snapshot;
  readonly ladder: Ladder;
  readonly action: Action;
  readonly lock: Observed<LockState>;
  /** Our own name on the lock, and the token we hold it with (null before it is taken). */
  readonly self: { readonly holder: string; readonly token: number | null };
  readonly pastActions: readonly PastAction[];
}

/** One reason not to act. It looks at the state that the action would lead to, and assumes the worst of the unknown. */
export interface Rule {
  readonly id: string;
  /** What it keeps from happening, for `explain` and the docs. */
  readonly keeps: string;
  judge(context: GuardContext): Refusal | null;
}

/** A refusal of one rule. */
export function refuse(
  rule: string,
  reason: string,
  message: string,
  next: string,
  evidence: readonly Evidence[] = [],
): Refusal {
  return { rule, reason, message, next, evidence };
}
