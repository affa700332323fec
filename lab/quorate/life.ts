import type { Clock } from "../../src/ports/clock.ts";
import { onAbort } from "../sim/on-abort.ts";
import type { Sim } from "../sim/sim.ts";
import type { Process } from "../world/process.ts";
import type { World } from "../world/world.ts";

/**
 * The life of one Quorate process: everything that production code awaits settles here, in the process. Paused, it goes
 * on where it was; ended, no promise of it ever settles again, so not one line of production code runs after a kill.
 */
export interface Life {
  readonly process: Process;
  /** The clock of the machine it runs on. */
  readonly clock: Clock;
  /** False once it was killed, or its machine lost power or booted anew. */
  isAlive(): boolean;
  /** Runs in the process, now or when it goes on; never after its end. */
  deliver(run: () => void): void;
  /** A promise with a deadline: `late` gives the result when no answer came. Answers after the first count nothing. */
  ask<T>(deadlineMs: number, late: () => T, begin: (answer: (value: T) => void) => void): Promise<T>;
}

/** The machine is a node of the world or the operator's; it can lose power, and its clock can be off. */
export function createLife({
  sim,
  world,
  process,
}: {
  readonly sim: Sim;
  readonly world: Pick<World, "host">;
  readonly process: Process;
}): Life {
  const host = world.host(process.node);
  const { bootedAtMs } = host;

  function isAlive(): boolean {
    if (process.state === "ended") return false;
    if (host.isUp && host.bootedAtMs === bootedAtMs) return true;
    process.end({ code: "killed", signal: "KILL" });
    return false;
  }

  const deliver = (run: () => void): void =>
    process.deliver(() => {
      if (isAlive()) run();
    });

  function ask<T>(deadlineMs: number, late: () => T, begin: (answer: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      if (!isAlive()) return;
      let isAnswered = false;
      const answer = (value: T): void => {
        if (isAnswered) return;
        isAnswered = true;
        timer.cancel();
        sim.settle(() => resolve(value));
      };
      const timer = process.after(deadlineMs, () => {
        if (isAlive()) answer(late());
      });
      begin((value) => deliver(() => answer(value)));
    });
  }

  const clock: Clock = {
    nowMs: () => host.clock.nowMs(),
    monotonicMs: () => sim.nowMs() - process.startedAtMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (!isAlive()) return;
        if (signal?.aborted === true) return resolve();
        const wake = () => {
          timer.cancel();
          forget?.();
          if (isAlive()) sim.settle(resolve);
        };
        const timer = process.after(Math.max(0, ms), wake);
        const forget = signal === undefined ? null : onAbort(signal, wake);
      }),
  };

  return { process, clock, isAlive, deliver, ask };
}
