// oxlint-disable-next-line no-restricted-imports -- No surroundings: only the order of what is queued here.
import { nextTick } from "node:process";
import type { Clock } from "../../src/ports/clock.ts";
import { onAbort } from "./on-abort.ts";
import { createPrng, type Prng } from "./prng.ts";
import { createTimerQueue, type Timer } from "./timers.ts";

export type { Timer } from "./timers.ts";

/** One line of the simulation's log. The same seed and commit give the same lines, byte for byte. */
export interface LogLine {
  readonly atMs: number;
  /** Who says it: a node, an actor, `quorate`, `fault`, `invariant`. */
  readonly who: string;
  readonly text: string;
}

/**
 * Virtual time, randomness, ids and the log: all that a simulated world takes from outside. Everything that happens is a
 * callback at an instant; callbacks are synchronous. Production code (promises) runs between them: see `settle`.
 */
export interface Sim {
  readonly seed: number;
  /** When the simulation began, ms since the epoch. */
  readonly startMs: number;
  /** Ms since the epoch. Real time of the world; a host's own clock may differ from it. */
  nowMs(): number;
  /** Runs `run` at `nowMs() + delayMs` (now at the earliest, after what is already due). */
  after(delayMs: number, run: () => void): Timer;
  /** The stream of that name; always the same object, so a stream goes on where it stopped. */
  random(stream: string): Prng;
  log(who: string, text: string): void;
  /** Settles a promise that production code awaits. Its reactions run before the next callback. */
  settle(settle: () => void): void;
  /** True time for production code, as its port. */
  readonly clock: Clock;
}

/** The driver's side of a simulation. */
export interface SimDriver {
  readonly sim: Sim;
  /** How many callbacks have run. */
  readonly events: number;
  /** Lets time pass until `untilMs` (since the epoch), with all that falls due; time then stands at it. */
  readonly runUntil: (untilMs: number) => Promise<void>;
  /** Lets time pass until the promise settles, then its own result. Throws when `untilMs` comes first or nothing is due any more. */
  readonly drive: <T>(promise: Promise<T>, untilMs: number) => Promise<T>;
  /** When the next callback is due; null when nothing is. For drivers in real time. */
  nextAtMs(): number | null;
}

export interface SimOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly onLog?: (line: LogLine) => void;
}

export function createSim({ seed, startMs, onLog }: SimOptions): SimDriver {
  const timers = createTimerQueue();
  const streams = new Map<string, Prng>();
  let nowMs = startMs;
  let events = 0;
  /** Set when a promise was settled since the last turn: only then is there anything to wait for. */
  let isTurnOwed = false;

  const after = (delayMs: number, run: () => void): Timer => timers.add(delayMs < 0 ? nowMs : nowMs + delayMs, run);
  const settle = (run: () => void): void => {
    isTurnOwed = true;
    run();
  };
  const random = (stream: string): Prng => {
    let found = streams.get(stream);
    if (found === undefined) streams.set(stream, (found = createPrng(seed, stream)));
    return found;
  };
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = () => {
          timer.cancel();
          forget?.();
          settle(resolve);
        };
        const timer = after(ms, wake);
        const forget = signal === undefined ? null : onAbort(signal, wake);
      }),
  };
  const sim: Sim = {
    seed,
    startMs,
    nowMs: () => nowMs,
    after,
    random,
    log: (who, text) => onLog?.({ atMs: nowMs, who, text }),
    settle,
    clock,
  };

  /** Runs callbacks until `isDone`, or until none is due by `untilMs`; true for the first. */
  function pump(untilMs: number, isDone: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const advance = (): void => {
        try {
          for (;;) {
            if (isTurnOwed) {
              isTurnOwed = false;
              return afterReactions(advance);
            }
            if (isDone()) return resolve(true);
            const run = timers.take(untilMs);
            if (run === null) return resolve(false);
            nowMs = Math.max(nowMs, timers.takenAtMs);
            events += 1;
            run();
          }
        } catch (error) {
          reject(error);
        }
      };
      isTurnOwed = true;
      // Once a call the machine gets its turn: sockets, signals, other drivers.
      setImmediate(advance);
    });
  }

  async function runUntil(untilMs: number): Promise<void> {
    await pump(untilMs, never);
    nowMs = Math.max(nowMs, untilMs);
  }

  async function drive<T>(promise: Promise<T>, untilMs: number): Promise<T> {
    const state = { isSettled: false };
    const settled = () => {
      state.isSettled = true;
    };
    promise.then(settled, settled);
    if (!(await pump(untilMs, () => state.isSettled))) {
      throw new Error(`not settled at ${new Date(untilMs).toISOString()} of virtual time`);
    }
    return promise;
  }

  return {
    sim,
    get events() {
      return events;
    },
    runUntil,
    drive,
    nextAtMs: () => timers.nextAtMs(),
  };
}

const SETTLED = Promise.resolve();

/**
 * Runs `next` when all reactions of settled promises, and of those that they settle, have run: Node empties its queue of
 * microtasks before it goes on with the ticks that one of them asked for. A tenth of what a turn of the event loop costs.
 */
function afterReactions(next: () => void): void {
  void SETTLED.then(() => nextTick(next));
}

function never(): boolean {
  return false;
}
