import type { Clock } from "../../ports/clock.ts";
import { TapError } from "../../ports/tap-error.ts";

/** A deadline on the given clock, which a simulated world may drive. */
export interface ClockDeadline {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** What was asked, of whom: the start of the message, for example `GET /readyz at 10.0.0.1:16443`. */
  readonly what: string;
}

const LATE = Symbol("late");

/**
 * Runs `work` and returns its result. After `deadlineMs` it aborts the signal that `work` was given and throws
 * TapError `deadline`; what `work` does after that is nobody's concern, so it must only clean up.
 */
export async function withDeadline<T>(deadline: ClockDeadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopWork = new AbortController();
  const stopTimer = new AbortController();
  const timer = deadline.clock.sleep(deadline.deadlineMs, stopTimer.signal).then(() => LATE);
  try {
    const first = await Promise.race([work(stopWork.signal), timer]);
    if (first !== LATE) return first as T;
    throw new TapError("deadline", `${deadline.what}: no answer within ${deadline.deadlineMs} ms`);
  } finally {
    stopTimer.abort();
    stopWork.abort();
  }
}
