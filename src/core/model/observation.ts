import type { Reading } from "./observed.ts";

/** A node's name as the operator knows it (the host name in Kubernetes and in the configuration). */
export type NodeName = string;

/** The two units of a control-plane node that the ladder looks at, whatever the distribution calls them. */
export type UnitRole = "datastore" | "kubelite";

/** State of one systemd unit, from `systemctl show`. */
export interface UnitState {
  /** The unit's name, verbatim. */
  readonly unit: string;
  /** systemd's ActiveState: active, inactive, activating, deactivating, failed, reloading. */
  readonly activeState: string;
  /** systemd's SubState, for example running, dead, auto-restart. */
  readonly subState: string;
  /** systemd's Result of the last run, for example success, exit-code. */
  readonly result: string;
  /** 32 hex digits, new at each start; null when the unit never ran since boot. */
  readonly invocationId: string | null;
  /** When it last became active, ms since the epoch on the node's clock; null when it never did. */
  readonly activeEnterAtMs: number | null;
  readonly mainPid: number;
  /** Automatic restarts counted by systemd since the last manual start. */
  readonly restarts: number;
}

/** A member of the dqlite cluster as one node lists it. Ids exceed 2^53: decimal strings. */
export interface DqliteServer {
  readonly id: string;
  readonly address: string;
  readonly role: "voter" | "stand-by" | "spare";
}

/**
 * Which dqlite member was asked; known also when it does not answer. The id comes from the backend files (no answer of
 * the protocol tells a member's own id); null when no file told it.
 */
export interface MemberName {
  readonly id: string | null;
  readonly address: string;
}

/** What one dqlite member says of itself and the cluster. */
export interface DqliteMember {
  /** The address that was asked. */
  readonly address: string;
  /** Whom it names as leader; null when it names none. A stand-by or spare always names none. */
  readonly leader: { readonly id: string; readonly address: string } | null;
  readonly servers: readonly DqliteServer[];
}

/** One answer with its revision and how long it took. */
export interface RevisionRead {
  /** etcd revision (= Kubernetes resourceVersion); a row id of the kine table, always below 2^53 here. */
  readonly revision: number;
  readonly latencyMs: number;
}

/** A Lease as one apiserver's storage returns it (unset resourceVersion: never from a cache). */
export interface LeaseRead {
  readonly namespace: string;
  readonly name: string;
  readonly holderIdentity: string | null;
  /** spec.renewTime, ms since the epoch on the holder's clock. */
  readonly renewAtMs: number | null;
  /** The apiserver's clock at the read (its Date header): what the Lease's age is taken by, not by our clock. */
  readonly serverAtMs?: number | null | undefined;
  readonly leaseDurationSeconds: number | null;
  readonly leaseTransitions: number | null;
  readonly resourceVersion: string;
  readonly latencyMs: number;
}

/**
 * Two reads of one resource through one apiserver: first an unset-resourceVersion LIST (the truth), then a
 * resourceVersion=0 LIST (the watch cache). On a healthy apiserver the cache is at least as new as the truth was.
 */
export interface CacheRead {
  /** Plural with group, for example `leases.coordination.k8s.io`, `configmaps`. */
  readonly resource: string;
  /**
   * The LIST with unset resourceVersion. `revision` is null when the apiserver gave up waiting for its cache
   * ("Too large resource version", 1.37 with the fallback switched off).
   */
  readonly latest: { readonly revision: number | null; readonly latencyMs: number } | null;
  /** The LIST with resourceVersion=0, read after `latest`. */
  readonly cache: RevisionRead;
}

/** The few counters of k8s-dqlite that matter, since its process started. */
export interface DatastoreCounters {
  /** Queries of the poll loop (`after_sql_limit`): at least one a second while it lives. */
  readonly pollQueries: number;
  /** All other queries. */
  readonly otherQueries: number;
  /** Transactions that failed after all retries. */
  readonly failedTransactions: number;
}

/** One thing that a tap saw. The whole recording of a cluster is a list of these; it holds no object contents. */
export type Observation = { readonly node: NodeName; readonly atMs: number } & (
  | { readonly kind: "unit"; readonly role: UnitRole; readonly reading: Reading<UnitState> }
  /** Whether a person stopped the cluster software on purpose (MicroK8s: var/lock/stopped.lock). */
  | { readonly kind: "stopped-on-purpose"; readonly reading: Reading<boolean> }
  /** How many members the datastore's files on this node list. */
  | { readonly kind: "member-list"; readonly reading: Reading<number> }
  /** One dqlite member's answer, asked from `node`; `own` when it is that node's own member. */
  | {
      readonly kind: "dqlite";
      readonly member: MemberName;
      readonly own: boolean;
      readonly reading: Reading<DqliteMember>;
    }
  /** A read of the store through this node's datastore endpoint: header revision of one small Range. */
  | { readonly kind: "store-read"; readonly reading: Reading<RevisionRead> }
  /** The etcd Watch on Leases at this node's datastore endpoint was opened (known) or ended (unknown). */
  | { readonly kind: "feed-stream"; readonly reading: Reading<{ readonly revision: number }> }
  /** A watch event of that stream. */
  | { readonly kind: "feed-event"; readonly revision: number }
  /** A progress reply of that stream. */
  | { readonly kind: "feed-progress"; readonly revision: number }
  | { readonly kind: "cache"; readonly resource: string; readonly reading: Reading<CacheRead> }
  | { readonly kind: "readyz"; readonly reading: Reading<{ readonly status: number; readonly latencyMs: number }> }
  | { readonly kind: "lease"; readonly name: string; readonly reading: Reading<LeaseRead> }
  /** k8s-dqlite's own counters, when `--metrics` is on. */
  | {
      readonly kind: "datastore-metrics";
      readonly reading: Reading<{
        readonly pollQueries: number;
        readonly otherQueries: number;
        readonly failedTransactions: number;
      }>;
    }
  /** `database is locked` failures in the datastore's journal within the last window. */
  | { readonly kind: "lock-errors"; readonly reading: Reading<{ readonly count: number; readonly windowMs: number }> }
);

export type ObservationKind = Observation["kind"];
