import { setImmediate as turn } from "node:timers/promises";
import type { DemoEvent } from "./event.ts";
import { type Cluster, type ClusterOptions, openCluster } from "./cluster.ts";
import { createSweeper } from "./memory.ts";

/** Ended by Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Where a scene is played: time passes here, and what was told meanwhile is handed on. */
export interface Stage {
  open(options: ClusterOptions): Promise<Cluster>;
  /** Lets time pass, with all that is told. */
  runUntil(cluster: Cluster, untilMs: number): Promise<void>;
  /** As long as it does not hold, `atMostMs` at most; false when that was not enough. */
  until(cluster: Cluster, holds: () => boolean, atMostMs: number): Promise<boolean>;
  /** Lets time pass until the promise settles. */
  drive<T>(cluster: Cluster, promise: Promise<T>, atMostMs: number): Promise<T>;
  /** Hands on what was told since time stood still. */
  flush(cluster: Cluster): Promise<void>;
  /** Lets time pass, and says that it did. */
  fastForward(cluster: Cluster, untilMs: number): Promise<void>;
}

/** What was told is handed on once a second of virtual time: so it is in order, whoever told it. */
const SLICE_MS = 1000;

export function createStage(tell: (event: DemoEvent) => void, signal: AbortSignal): Stage {
  const sweep = createSweeper();

  async function hand(cluster: Cluster): Promise<void> {
    for (const event of cluster.take()) tell(event);
    sweep();
    // Whoever prints gets a turn.
    await turn();
    if (signal.aborted) throw new Interrupted();
  }

  async function runUntil(cluster: Cluster, untilMs: number): Promise<void> {
    const { sim, runUntil: run } = cluster.driver;
    while (sim.nowMs() < untilMs) {
      await run(Math.min(untilMs, sim.nowMs() + SLICE_MS));
      await hand(cluster);
    }
  }

  async function until(cluster: Cluster, holds: () => boolean, atMostMs: number): Promise<boolean> {
    const { sim } = cluster.driver;
    const endMs = sim.nowMs() + atMostMs;
    while (!holds()) {
      if (sim.nowMs() >= endMs) return false;
      await runUntil(cluster, Math.min(endMs, sim.nowMs() + SLICE_MS));
    }
    return true;
  }

  return {
    open: async (options) => {
      const cluster = await openCluster(options);
      await hand(cluster);
      return cluster;
    },
    runUntil,
    until,
    flush: hand,
    drive: async (cluster, promise, atMostMs) => {
      const state = { isSettled: false };
      const settled = (): void => {
        state.isSettled = true;
      };
      promise.then(settled, settled);
      if (!(await until(cluster, () => state.isSettled, atMostMs)))
        throw new Error(`not settled within ${atMostMs} ms`);
      return promise;
    },
    fastForward: async (cluster, untilMs) => {
      cluster.tell({ kind: "fast-forward", untilMs });
      await runUntil(cluster, untilMs);
    },
  };
}
