import { performance } from "node:perf_hooks";
import { TapError } from "../../ports/tap-error.ts";

/** A point in time by which several steps together must be done. */
export interface Deadline {
  /** Milliseconds left, never negative. */
  leftMs(): number;
  /**
   * Awaits `promise`, or throws TapError `deadline` naming `what`. The promise itself goes on; what it brings too late
   * is given to `disposeLate`, so that nothing leaks.
   */
  hold<T>(promise: Promise<T>, what: string, disposeLate?: (value: T) => void): Promise<T>;
}

/** Starts a deadline `ms` from now on the monotonic clock. */
export function deadlineIn(ms: number): Deadline {
  const endMs = performance.now() + ms;
  const leftMs = () => Math.max(0, endMs - performance.now());
  return {
    leftMs,
    async hold(promise, what, disposeLate) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        late.reject(new TapError("deadline", `${what}: no answer within ${Math.round(ms)} ms`));
        // A late rejection has no reader any more: the caller was told already.
        promise.then(disposeLate, () => undefined);
      }, leftMs());
      try {
        return await Promise.race([promise, late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
