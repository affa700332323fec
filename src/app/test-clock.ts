import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** Virtual time for tests: it stands still until a driver lets it pass, and then jumps from timer to timer. */
export interface TestClock extends Clock {
  /** Lets time pass until the promise settles; then the promise's own result. */
  drive<T>(promise: Promise<T>): Promise<T>;
  /** Lets time pass for `ms`, with everything that falls due meanwhile. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** No test waits longer than this in virtual time: past it something waits for what never comes. */
const DRIVE_MAX_MS = 3_600_000;

/** A clock that begins at `startMs`. Deterministic: timers fire in the order of their time, then of their making. */
export function createTestClock(startMs: number): TestClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        timers.delete(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer: Timer = { atMs: nowMs + Math.max(0, ms), wake };
      timers.add(timer);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** All promise reactions of one macrotask turn run before the next one begins. */
  async function wakeNext(): Promise<void> {
    let next: Timer | null = null;
    for (const timer of timers) if (next === null || timer.atMs < next.atMs) next = timer;
    if (next === null) throw new Error("virtual time stands still: nothing is slept for");
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
    await turn();
  }

  async function drive<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settled = () => {
      state.isSettled = true;
    };
    promise.then(settled, settled);
    const endMs = nowMs + DRIVE_MAX_MS;
    await turn();
    while (!state.isSettled) {
      if (nowMs > endMs) throw new Error(`not settled after ${DRIVE_MAX_MS / 1000} s of virtual time`);
      await wakeNext();
    }
    return promise;
  }

  return { nowMs: () => nowMs, monotonicMs: () => nowMs - startMs, sleep, drive, pass: (ms) => drive(sleep(ms)) };
}
