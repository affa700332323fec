import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Port } from "../network.ts";
import type { Process } from "../process.ts";

/** A stored value: the object itself, which nobody changes after it was written. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface StoredObject {
  readonly key: string;
  readonly value: Json;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface DatastoreEvent {
  readonly type: "put" | "delete";
  readonly key: string;
  /** The new value; null when deleted. */
  readonly value: Json;
  /** The value before; null when it was created. */
  readonly previous: Json;
  readonly isCreate: boolean;
  readonly revision: number;
  /** Of a key with a lease: it vanishes that long after a datastore saw this event. */
  readonly ttlMs?: number;
}

/** An answer, or the rpc error's text as the etcd client sees it. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export interface RangeQuery {
  /** One key, or all keys that begin with it. */
  readonly key: string;
  readonly isPrefix?: boolean;
  /** At this revision instead of the latest; a compacted one is an error. */
  readonly revision?: number;
  /** The client's deadline: it is answered `context deadline exceeded` then. Usual: the apiserver's 34 s, 2 s for its health probe. */
  readonly timeoutMs?: number;
}

export interface RangeResult {
  readonly objects: readonly StoredObject[];
  /** The header's revision: the store's. */
  readonly revision: number;
}

/** Create (expectedRevision 0), update and delete: compare-and-swap on the object's modRevision, the only shapes that exist. */
export interface TxnRequest {
  readonly op: "create" | "update" | "delete";
  readonly key: string;
  readonly value?: Json;
  readonly expectedRevision: number;
  /** The key vanishes after it. */
  readonly ttlMs?: number;
  /** As of a range. A write that timed out may have happened, or may happen yet. */
  readonly timeoutMs?: number;
}

export type TxnResult =
  | { readonly succeeded: true; readonly revision: number }
  /** The comparison failed: what is there now. */
  | { readonly succeeded: false; readonly revision: number; readonly current: StoredObject | null };

export interface WatchHandlers {
  /** Confirmed; 0 as k8s-dqlite sends it. */
  readonly onCreated: (revision: number) => void;
  readonly onEvents: (events: readonly DatastoreEvent[], revision: number) => void;
  readonly onProgress: (revision: number) => void;
  /** Once, at the end: `compacted`, `connection-reset`, or an rpc error's text. */
  readonly onEnd: (reason: string) => void;
}

export interface WatchStream {
  /** All handlers run in the client process (later when it is paused). */
  requestProgress(): void;
  close(): void;
}

export interface WatchQuery {
  readonly prefix: string;
  /** Events after this revision; null from now on. */
  readonly afterRevision: number | null;
  /** The client wants periodic progress (the apiserver does). */
  readonly periodicProgress: boolean;
}

/** What the k8s-dqlite process of one node serves on its kine.sock, and its metrics. */
export interface Datastore {
  readonly node: NodeName;
  /** The unix socket; its listener is null while k8s-dqlite is down or still starts. */
  readonly port: Port;
  boot(process: Process): void;
  /** Each answers in the client's process; no answer, or `connection-refused`, as the network has it. */
  range(client: Process, query: RangeQuery, answered: (answer: Answer<RangeResult>) => void): void;
  txn(client: Process, request: TxnRequest, answered: (answer: Answer<TxnResult>) => void): void;
  watch(client: Process, query: WatchQuery, handlers: WatchHandlers): WatchStream;
  /**
   * A fault: what the Watch streams of that program are sent is held back (its unary calls and pings pass, as through a
   * proxy that is stuck on streams) until the returned function is called; then all of it arrives, in order.
   */
  holdStreams?(program: string): () => void;
  /** Its own counters; what /metrics shows. */
  counters(): { readonly pollQueries: number; readonly otherQueries: number; readonly failedTransactions: number };
  /** Truths for invariants, not for taps: whether the poll loop lives, and streams that are open and mute. */
  isPollAlive(): boolean;
  mutedPrefixes(): readonly string[];
  /** As `holdStreams`, of all programs. */
  holdWatches(): () => void;
  /** For faults: the open streams of this prefix are open and mute from now on, as if their channel had been full. */
  mute(prefix: string): void;
}

/** The replicated table that all datastores of a cluster read and write, as raft has committed it. */
export interface Table {
  readonly revision: number;
  readonly compactedRevision: number;
  get(key: string, revision?: number): StoredObject | null;
  list(prefix: string, revision?: number): readonly StoredObject[];
  /** Events after `revision`, oldest first, at most `limit`. */
  after(revision: number, limit: number): readonly DatastoreEvent[];
  /** Commits: the new revision. The comparison is the caller's. */
  write(op: TxnRequest["op"], key: string, value: Json, ttlMs?: number): number;
  /** The last change of each key that has a lease. */
  leased(): Iterable<DatastoreEvent>;
  compact(revision: number): void;
}
