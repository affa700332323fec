import type { LockState } from "../core/guard/rule.ts";
import type { Reading } from "../core/model/observed.ts";

/** How taking the lock came out. */
export type TakeResult =
  | { readonly outcome: "held"; readonly token: number }
  | { readonly outcome: "held-by-other"; readonly holder: string; readonly token: number }
  /** Somebody else was faster by one write. */
  | { readonly outcome: "lost-race" }
  | { readonly outcome: "unknown"; readonly detail: string };

/** The one restart lock of the cluster: a Lease in the cluster itself, read and written past every cache. */
export interface RestartLock {
  /** Who holds it now. Never throws. */
  read(deadlineMs: number): Promise<Reading<LockState>>;
  /** Takes it, or takes it anew when we hold it (a new token then). Never throws. */
  take(holder: string, deadlineMs: number): Promise<TakeResult>;
  /** Gives it back when we hold it; true when it is certain that we do not hold it any more. Never throws. */
  release(holder: string, deadlineMs: number): Promise<boolean>;
}
