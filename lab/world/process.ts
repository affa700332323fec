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
  /** Runs `run` each `periodMs`; ticks that were missed while paused are one tick, as Go's ticker does it. */
  every(periodMs: number, run: () => void): Timer;
  /** Runs `run` now; at the next `resume` when paused; never when ended. */
  deliver(run: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends it at once (SIGKILL, exit); its listeners are told in the order of their making. Safe to call twice. */
  end(how: ExitStatus): void;
  /** Tells of the end once; the returned function forgets the listener. */
  onEnd(listener: (how: ExitStatus) => void): () => void;
}

/** Starts a process; the caller owns it. */
export function createProcess(
  sim: Sim,
  { node, program, pid }: { readonly node: NodeName; readonly program: string; readonly pid: number },
): Process {
  let state: Process["state"] = "running";
  let waiting: (() => void)[] = [];
  const listeners = new Set<(how: ExitStatus) => void>();

  const deliver = (run: () => void): void => {
    if (state === "running") run();
    else if (state === "paused") waiting.push(run);
  };
  const after = (delayMs: number, run: () => void): Timer => {
    let isCancelled = false;
    const timer = sim.after(delayMs, () => deliver(() => (isCancelled ? undefined : run())));
    return {
      atMs: timer.atMs,
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  };

  return {
    node,
    program,
    pid,
    startedAtMs: sim.nowMs(),
    get state() {
      return state;
    },
    after,
    every: (periodMs, run) => {
      let timer: Timer;
      const tick = () => {
        timer = after(periodMs, tick);
        run();
      };
      timer = after(periodMs, tick);
      return {
        get atMs() {
          return timer.atMs;
        },
        cancel: () => timer.cancel(),
      };
    },
    deliver,
    pause: () => {
      if (state === "running") state = "paused";
    },
    resume: () => {
      if (state !== "paused") return;
      state = "running";
      const due = waiting;
      waiting = [];
      // One of them may pause or end the process again: the rest then waits or never happens.
      for (const run of due) deliver(run);
    },
    end: (how) => {
      if (state === "ended") return;
      state = "ended";
      waiting = [];
      for (const listener of [...listeners]) listener(how);
      listeners.clear();
    },
    onEnd: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
