import { performance } from "node:perf_hooks";
import type { Sim, SimDriver } from "../../sim/sim.ts";

/** A world that lives by the wall clock: sockets act on it at the instant at which their bytes come. */
export interface RealTime {
  readonly sim: Sim;
  /** How fast the world lives: simulated seconds per second. */
  readonly speed: number;
  /** Runs `act` in the world as of now, in the order of the calls. Whatever follows at the same instant has happened when it resolves. */
  enter(act: () => void): void;
  /** Told after each piece of world time that went by. */
  onAdvance(listener: () => void): void;
  /** Ends it: no callback runs in the world after this. */
  stop(): void;
}

export interface RealTimeOptions {
  readonly driver: SimDriver;
  readonly speed: number;
  /** A bug in the world: nothing can go on after it. */
  readonly onFailure: (error: unknown) => void;
  /** Monotonic milliseconds; for tests. */
  readonly monotonicMs?: () => number;
}

/** Longest piece of world time, in wall ms, after which the listeners look at what has changed. */
const SLICE_WALL_MS = 20;

/** setTimeout's own limit is 2^31 - 1 ms; a world always has something due long before this. */
const SLEEP_MS_MAX = 60_000;

/** Starts at once: the world's now is the wall's now from here on, times `speed`. */
export function startRealTime({
  driver,
  speed,
  onFailure,
  monotonicMs = () => performance.now(),
}: RealTimeOptions): RealTime {
  const { sim } = driver;
  const startedMs = monotonicMs();
  const worldStartMs = sim.nowMs();
  const listeners: (() => void)[] = [];
  let acts: (() => void)[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isRunning = false;
  const end = { isStopped: false };

  const tell = (): void => {
    if (!end.isStopped) for (const listener of listeners) listener();
  };
  const dueMs = () => Math.floor(worldStartMs + (monotonicMs() - startedMs) * speed);

  /** Lets the world catch up with the wall as it is now. Behind by much (a suspended laptop, a high speed) it goes in slices. */
  async function advance(): Promise<void> {
    const targetMs = dueMs();
    while (!end.isStopped && sim.nowMs() < targetMs) {
      await driver.runUntil(Math.min(targetMs, sim.nowMs() + Math.max(1, Math.floor(SLICE_WALL_MS * speed))));
      tell();
    }
  }

  async function turn(): Promise<void> {
    await advance();
    while (acts.length > 0 && !end.isStopped) {
      const now = acts;
      acts = [];
      for (const act of now) act();
      await driver.runUntil(sim.nowMs());
      tell();
    }
  }

  async function run(): Promise<void> {
    if (isRunning || end.isStopped) return;
    isRunning = true;
    try {
      do await turn();
      while (acts.length > 0 && !end.isStopped);
    } catch (error) {
      end.isStopped = true;
      onFailure(error);
    }
    isRunning = false;
    schedule();
  }

  function schedule(): void {
    if (timer !== null) clearTimeout(timer);
    if (end.isStopped) return;
    const nextMs = driver.nextAtMs() ?? Number.POSITIVE_INFINITY;
    const waitMs = Math.min(SLEEP_MS_MAX, Math.max(0, (nextMs - dueMs()) / speed));
    timer = setTimeout(() => void run(), Math.ceil(waitMs));
  }

  schedule();
  return {
    sim,
    speed,
    enter: (act) => {
      acts.push(act);
      void run();
    },
    onAdvance: (listener) => listeners.push(listener),
    stop: () => {
      end.isStopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
