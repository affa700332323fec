import type { NodeName } from "../../src/core/model/observation.ts";
import type { Sim, Timer } from "../sim/sim.ts";

/** How a process ended, in systemd's words. */
export type ExitStatus =
  | { readonly code: "exited"; readonly status: number }
  | { readonly code: "killed"; readonly signal: "KILL" | "TERM" };

/**
 * A process on a node. It lives in its own time: what falls due while it is paused (SIGSTOP) happens when it goes on,
 * in order, as timers and sockets of a real process do; what falls due after its end never happens.
 */
export interface Process {
  readonly node: NodeName;
  readonly program: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly state: "running" | "paused" | "ended";
  /** Runs `run` after `delayMs` of the process's life. */
  after(delayMs: number, run: () => void): Timer;
  /** Runs `run` each `periodMs`; ticks that were missed while paused are one tick at the resume, and the beat stays: Go's ticker. */
  every(periodMs: number, run: () => void): Timer;
  /** Runs `run` now; at the next `resume` when paused; never when ended. */
  deliver(run: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends it at once (SIGKILL, exit); its listeners are told in the order of their making. Safe to call twice. */
  end(how: ExitStatus): void;
  /** Tells of the end once (of one that ended already, next); the returned function forgets the listener. */
  onEnd(listener: (how: ExitStatus) => void): () => void;
  /** Tells of each pause and resume, before what waited goes on; the returned function forgets the listener. */
  onPause(listener: (isPaused: boolean) => void): () => void;
}

/** A timer of a process's life. A class, because a simulated day makes millions of them. */
class ProcessTimer implements Timer {
  /** Null once it ran or was cancelled. */
  run: (() => void) | null;
  timer: Timer | null = null;

  constructor(run: () => void) {
    this.run = run;
  }

  get atMs(): number {
    return this.timer?.atMs ?? 0;
  }

  cancel(): void {
    this.run = null;
    this.timer?.cancel();
  }
}

/** Starts a process; the caller owns it. */
export function createProcess(
  sim: Sim,
  { node, program, pid }: { readonly node: NodeName; readonly program: string; readonly pid: number },
): Process {
  let state: Process["state"] = "running";
  let ended: ExitStatus | null = null;
  /** What fell due while it was paused. */
  let waiting: (() => void)[] = [];
  const listeners = new Set<(how: ExitStatus) => void>();
  const pauseListeners = new Set<(isPaused: boolean) => void>();
  const tellPause = (isPaused: boolean): void => {
    for (const listener of pauseListeners) listener(isPaused);
  };

  const deliver = (run: () => void): void => {
    if (state === "running") run();
    else if (state === "paused") waiting.push(run);
  };

  function after(delayMs: number, run: () => void): Timer {
    const timer = new ProcessTimer(run);
    timer.timer = sim.after(delayMs, () => fire(timer));
    return timer;
  }

  function fire(timer: ProcessTimer): void {
    const { run } = timer;
    if (run === null) return;
    if (state === "paused") {
      waiting.push(() => fire(timer));
      return;
    }
    timer.run = null;
    if (state === "running") run();
  }

  function every(periodMs: number, run: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`a period of ${periodMs} ms`);
    let isOver = false;
    let timer: Timer;
    const tick = (): void => {
      if (isOver || state === "ended") return;
      if (state === "paused") {
        waiting.push(tick);
        return;
      }
      timer = sim.after(periodMs - ((sim.nowMs() - timer.atMs) % periodMs), tick);
      run();
    };
    timer = sim.after(periodMs, tick);
    return {
      get atMs() {
        return timer.atMs;
      },
      cancel: () => {
        isOver = true;
        timer.cancel();
      },
    };
  }

  function resume(): void {
    if (state !== "paused") return;
    state = "running";
    tellPause(false);
    const due = waiting;
    waiting = [];
    // One of them may pause or end the process again: the rest then waits or never happens.
    for (const run of due) deliver(run);
  }

  function end(how: ExitStatus): void {
    if (state === "ended") return;
    state = "ended";
    ended = how;
    waiting = [];
    // One of them may forget another one, or a new one may come: that one is told by onEnd.
    const told = [...listeners];
    for (const listener of told) if (listeners.delete(listener)) listener(how);
  }

  function onEnd(listener: (how: ExitStatus) => void): () => void {
    listeners.add(listener);
    if (state === "ended") {
      sim.after(0, () => {
        if (ended !== null && listeners.delete(listener)) listener(ended);
      });
    }
    return () => listeners.delete(listener);
  }

  return {
    node,
    program,
    pid,
    startedAtMs: sim.nowMs(),
    get state() {
      return state;
    },
    after,
    every,
    deliver,
    pause: () => {
      if (state !== "running") return;
      state = "paused";
      tellPause(true);
    },
    resume,
    end,
    onEnd,
    onPause: (listener) => {
      pauseListeners.add(listener);
      return () => pauseListeners.delete(listener);
    },
  };
}
