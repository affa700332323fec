/** Time comes in through here, so that tests and the lab can bring their own. */
export interface Clock {
  /** Wall clock, ms since the epoch: for stamps that people read. */
  nowMs(): number;
  /** Never goes backwards: for durations and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (without an error: the caller looks at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
