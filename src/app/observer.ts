import { advance, emptySnapshot, fold } from "../core/history/fold.ts";
import { climb, type Ladder } from "../core/ladder/climb.ts";
import { RUNGS } from "../core/ladder/registry.ts";
import type { Rung } from "../core/ladder/rung.ts";
import { isFeedStreamDoubted } from "../core/ladder/feed/index.ts";
import type { Observation } from "../core/model/observation.ts";
import type { Snapshot } from "../core/model/snapshot.ts";
import type { Clock } from "../ports/clock.ts";
import type { NodeTaps } from "../ports/node-taps.ts";
import { observeMembers } from "./observe-members.ts";
import { observeNode } from "./observe-node.ts";

/** How often a waiting caller looks at the ladder: well below the taps' second, and cheap (one pass over the nodes). */
const LOOK_EVERY_MS = 200;

/** Watches a cluster: taps in, one snapshot out. */
export interface Observer {
  /** The snapshot now. */
  snapshot(): Snapshot;
  ladder(): Ladder;
  /** Waits until `enough` says so, the deadline passes or the signal aborts; the last ladder either way. */
  until(
    enough: (ladder: Ladder, snapshot: Snapshot) => boolean,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<Ladder>;
  /** Ends the taps and waits for them. */
  stop(): Promise<void>;
}

/** Starts all taps of the nodes. `onObservation` sees each observation as it is made (a recorder, a progress line). */
export function startObserver(
  nodes: readonly NodeTaps[],
  clock: Clock,
  onObservation: (observation: Observation) => void = () => undefined,
  rungs: readonly Rung[] = RUNGS,
): Observer {
  const abort = new AbortController();
  const names = nodes.map((taps) => taps.node);
  let snapshot = emptySnapshot(names, clock.nowMs());
  const emit = (observation: Observation) => {
    snapshot = fold(snapshot, observation);
    onObservation(observation);
  };
  const now = () => advance(snapshot, clock.nowMs());
  const runs = nodes.map((taps) => {
    const isDoubted = () => isFeedStreamDoubted(now(), taps.node);
    return { taps, clock, emit, signal: abort.signal, isFeedStreamDoubted: isDoubted };
  });
  const running = Promise.all([...runs.map(observeNode), observeMembers(runs)]);
  running.catch(() => undefined);
  return {
    snapshot: now,
    ladder: () => climb(now(), rungs),
    until: async (enough, deadlineMs, signal) => {
      const endMs = clock.monotonicMs() + deadlineMs;
      for (;;) {
        const at = now();
        const ladder = climb(at, rungs);
        if (enough(ladder, at) || clock.monotonicMs() >= endMs || signal?.aborted === true) return ladder;
        await Promise.race([clock.sleep(LOOK_EVERY_MS, signal), failed(running)]);
      }
    },
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}

/** Rejects when a tap has thrown, which is a bug; never resolves otherwise. */
async function failed(running: Promise<unknown>): Promise<never> {
  await running;
  return new Promise(() => undefined);
}
