import { FEED_RESOURCE } from "./history/fold.ts";
import type { MemberName, NodeName, UnitState } from "./model/observation.ts";
import { known, type Reading, type UnknownReason } from "./model/observed.ts";

/** Test support: what one node shows to the taps, and how nodes and members are called in tests. */

/** 2026-11-21 23:52:36 UTC: where the captured feed death begins. */
export const START_MS = 1_795_305_156_000;

/** The store's revision at START_MS. One write a second follows, half a second past each full one. */
export const START_REVISION = 687;

export const LEASES = FEED_RESOURCE;

/** How one resource's watch cache looks through this apiserver. */
export type CacheShows =
  /** Busy, and up to date: the consistent LIST is answered from the cache. */
  | "follows"
  /** No writes on it. k8s-dqlite's periodic progress has ended, so its cache stands far below the store; healthy. */
  | "idle"
  /** Mute: the consistent LIST waits 3 s and falls back to storage. */
  | "frozen"
  /** Mute, on an apiserver that does not fall back: 504 "Too large resource version". */
  | "gives-up"
  /** An apiserver that answers consistent LISTs from storage at once; the cache follows its resource's events. */
  | "storage-follows"
  | "storage-idle"
  | "storage-frozen";

/** What one node shows to the taps. */
export interface NodeShows {
  readonly store: "served" | UnknownReason;
  readonly storeLatencyMs: number;
  /** `dead` answers progress requests with the old revision; `silent` is our own tap, which hears nothing. */
  readonly feed: "alive" | "dead" | "silent";
  /** From the write to the event. */
  readonly deliveryMs: number;
  readonly answersProgress: boolean;
  readonly caches: Readonly<Record<string, CacheShows>>;
  readonly datastore: Reading<UnitState>;
  readonly kubelite: Reading<UnitState>;
  readonly stopped: Reading<boolean>;
  /** The index of the node it names as leader, that it names none, or why it did not answer. */
  readonly member: number | "none" | UnknownReason;
  readonly role: "voter" | "stand-by" | "spare";
  readonly lockErrors: number;
}

export function unitState(change: Partial<UnitState> = {}): UnitState {
  return {
    unit: "snap.microk8s.daemon-k8s-dqlite",
    activeState: "active",
    subState: "running",
    result: "success",
    invocationId: "0".repeat(31) + "1",
    activeEnterAtMs: START_MS - 3_600_000,
    mainPid: 4242,
    restarts: 0,
    ...change,
  };
}

export const KUBELITE = "snap.microk8s.daemon-kubelite";

export const HEALTHY: NodeShows = {
  store: "served",
  storeLatencyMs: 4,
  feed: "alive",
  deliveryMs: 300,
  answersProgress: true,
  caches: { [LEASES]: "follows", pods: "follows", configmaps: "idle" },
  datastore: known(unitState()),
  kubelite: known(unitState({ unit: KUBELITE, invocationId: "0".repeat(31) + "2" })),
  stopped: known(false),
  member: 0,
  role: "voter",
  lockErrors: 0,
};

/** A word for node i: `node-1` is the first and the leader. */
export function nodeName(index: number): NodeName {
  return `node-${index + 1}`;
}

/** Above 2^53, as real ids are. */
export function memberId(index: number): string {
  return String(3297041220608546238n + BigInt(index));
}

export function memberAddress(index: number): string {
  return `198.51.100.${11 + index}:19001`;
}

export function memberOf(index: number): MemberName & { readonly id: string } {
  return { id: memberId(index), address: memberAddress(index) };
}
