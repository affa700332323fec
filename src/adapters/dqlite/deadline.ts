import { performance } from "node:perf_hooks";
import type { TapError } from "../../ports/tap-error.ts";

/** A budget of time for several steps, on the monotonic clock. */
export interface Budget {
  readonly totalMs: number;
  /** What is left, at least 1 ms: a timer of 0 would only hide the same deadline one tick later. */
  remainingMs(): number;
}

export function startBudget(totalMs: number): Budget {
  const startedMs = performance.now();
  return {
    totalMs,
    remainingMs: () => Math.max(1, Math.ceil(totalMs - (performance.now() - startedMs))),
  };
}

export interface WithinOptions<T> {
  readonly ms: number;
  readonly error: () => TapError;
  /** What to do with a result that comes after the deadline, so that nothing leaks. */
  readonly disposeLate: (value: T) => void;
}

/** The result of `work`, or the error once `ms` have passed. A late rejection is swallowed: its caller is gone. */
export function within<T>(work: Promise<T>, { ms, error, disposeLate }: WithinOptions<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(error());
    }, ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        if (isLate) disposeLate(value);
        else resolve(value);
      },
      (failure: unknown) => {
        clearTimeout(timer);
        reject(failure);
      },
    );
  });
}
