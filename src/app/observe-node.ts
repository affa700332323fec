import { hasWaitedInVain } from "../core/history/fold-cache.ts";
import type { LeaseRead, NodeName, Observation, UnitRole } from "../core/model/observation.ts";
import { type Reading, unknown } from "../core/model/observed.ts";
import type { Clock } from "../ports/clock.ts";
import type { EtcdWatch } from "../ports/etcd-api.ts";
import type { NodeTaps } from "../ports/node-taps.ts";
import { TAP_TIMING as T } from "./tap-timing.ts";

/** An observation before its node and time are added. */
type Seen = Observation extends infer One ? (One extends Observation ? Omit<One, "node" | "atMs"> : never) : never;

export interface TapRun {
  readonly taps: NodeTaps;
  readonly clock: Clock;
  readonly emit: (observation: Observation) => void;
  readonly signal: AbortSignal;
  /** Whether the Watch that is open may be mute by itself, so that only a new one can tell. */
  readonly isFeedStreamDoubted: () => boolean;
}

/** The Leases whose holders are shown: who leads the controllers and the scheduler. */
export const LEADER_LEASES = ["kube-controller-manager", "kube-scheduler"] as const;

const ROLES: readonly UnitRole[] = ["datastore", "kubelite"];

/** Runs all taps of one node until the signal aborts; resolves when they have all ended. */
export async function observeNode(run: TapRun): Promise<void> {
  await Promise.all([
    ...ROLES.map((role) => every(run, T.unitEveryMs, () => observeUnit(run, role))),
    every(run, T.unitEveryMs, () => observeStopMarker(run)),
    every(run, storePeriodMs(run), () => observeStore(run)),
    observeFeed(run),
    ...run.taps.cachedResources.map((resource) => observeCache(run, resource)),
    ...LEADER_LEASES.map((name) => every(run, T.leaseEveryMs, () => observeLease(run, name))),
    every(run, T.leaseEveryMs, () => observeReadyz(run)),
    every(run, T.metricsEveryMs, () => observeMetrics(run)),
    every(run, T.lockErrorsEveryMs, () => observeLockErrors(run)),
  ]);
}

/** Reads, then waits out the rest of the period; a read that takes longer than the period delays the next. */
export async function every(
  run: Pick<TapRun, "clock" | "signal">,
  periodMs: number | (() => number),
  read: () => Promise<void>,
): Promise<void> {
  while (!run.signal.aborted) {
    const startedMs = run.clock.monotonicMs();
    await read();
    const restMs = (typeof periodMs === "number" ? periodMs : periodMs()) - (run.clock.monotonicMs() - startedMs);
    await run.clock.sleep(Math.max(0, restMs), run.signal);
  }
}

/** The store and the feed's progress are read more often at first. */
function storePeriodMs({ clock }: Pick<TapRun, "clock">): () => number {
  const startedMs = clock.monotonicMs();
  return () => (clock.monotonicMs() - startedMs < T.storeFirstForMs ? T.storeFirstEveryMs : T.storeEveryMs);
}

/** Stamps and hands on what was seen, unless observing has ended meanwhile. */
export function emitSeen(run: Pick<TapRun, "clock" | "emit" | "signal">, node: NodeName, seen: Seen): void {
  if (run.signal.aborted) return;
  run.emit({ node, atMs: run.clock.nowMs(), ...seen });
}

async function observeUnit(run: TapRun, role: UnitRole): Promise<void> {
  const reading = await run.taps.readUnit(role, T.unitDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "unit", role, reading });
}

async function observeStopMarker(run: TapRun): Promise<void> {
  const reading = await run.taps.readStopMarker(T.unitDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "stopped-on-purpose", reading });
}

async function observeStore(run: TapRun): Promise<void> {
  const reading = await run.taps.readRevision(T.storeDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "store-read", reading });
}

/** Keeps one Watch open and asks it for progress as often as the store is read; one in doubt is opened anew at once. */
async function observeFeed(run: TapRun): Promise<void> {
  const { taps, clock, signal } = run;
  const periodMs = storePeriodMs(run);
  while (!signal.aborted) {
    const ended = Promise.withResolvers<void>();
    const watch: EtcdWatch = taps.watchLeases({
      onCreated: (revision) =>
        emitSeen(run, taps.node, { kind: "feed-stream", reading: { known: true, value: { revision } } }),
      onEvents: (revision) => emitSeen(run, taps.node, { kind: "feed-event", revision }),
      onProgress: (revision) => emitSeen(run, taps.node, { kind: "feed-progress", revision }),
      onEnd: (reason, detail) => {
        emitSeen(run, taps.node, { kind: "feed-stream", reading: unknown(reason, detail) });
        ended.resolve();
      },
    });
    const onAbort = () => watch.close();
    signal.addEventListener("abort", onAbort, { once: true });
    const asking = new AbortController();
    let isDoubted = false;
    const asked = every({ clock, signal: asking.signal }, periodMs, async () => {
      isDoubted = run.isFeedStreamDoubted();
      if (isDoubted) watch.close();
      else watch.requestProgress();
    });
    await ended.promise;
    asking.abort();
    await asked;
    signal.removeEventListener("abort", onAbort);
    if (!isDoubted) await clock.sleep(T.feedReopenMs, signal);
  }
}

/**
 * One resource: truth and cache in turn; a cache that owes a revision is followed up more often. That it is being read
 * is said first: a frozen cache answers after 3 s, and without it the rung would look ok on the others until then.
 */
async function observeCache(run: TapRun, resource: string): Promise<void> {
  const { taps, clock, signal } = run;
  emitSeen(run, taps.node, { kind: "cache", resource, reading: unknown("not-read-yet", "no answer yet") });
  while (!signal.aborted) {
    const reading = await taps.readCache(resource, T.cacheDeadlineMs);
    emitSeen(run, taps.node, { kind: "cache", resource, reading });
    const inVain = reading.known && hasWaitedInVain(reading.value);
    await clock.sleep(inVain ? T.cacheFollowUpMs : T.cacheEveryMs, signal);
  }
}

async function observeLease(run: TapRun, name: string): Promise<void> {
  const reading: Reading<LeaseRead> = await run.taps.readLease("kube-system", name, T.leaseDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "lease", name, reading });
}

async function observeReadyz(run: TapRun): Promise<void> {
  const reading = await run.taps.readReadyz(T.leaseDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "readyz", reading });
}

async function observeMetrics(run: TapRun): Promise<void> {
  const reading = await run.taps.readMetrics(T.metricsDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "datastore-metrics", reading });
}

async function observeLockErrors(run: TapRun): Promise<void> {
  const reading = await run.taps.countLockErrors(T.lockErrorsWindowMs, T.lockErrorsDeadlineMs);
  const windowed = reading.known
    ? { known: true as const, value: { count: reading.value, windowMs: T.lockErrorsWindowMs } }
    : reading;
  emitSeen(run, run.taps.node, { kind: "lock-errors", reading: windowed });
}
