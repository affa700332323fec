import type {
  CacheRead,
  DatastoreCounters,
  DqliteMember,
  LeaseRead,
  MemberName,
  NodeName,
  RevisionRead,
  UnitRole,
  UnitState,
} from "../core/model/observation.ts";
import type { Reading } from "../core/model/observed.ts";
import type { EtcdWatch, EtcdWatchHandlers } from "./etcd-api.ts";
import type { RestartLock } from "./restart-lock.ts";

/** The members of the datastore as this node's files list them. */
export interface MemberList {
  readonly own: MemberName | null;
  readonly all: readonly MemberName[];
}

/** How a fenced restart on a node came out. */
export type RestartOutcome =
  | { readonly outcome: "restarted"; readonly invocationId: string }
  | {
      readonly outcome: "refused";
      /** Checked on the node itself, at the moment of the act. */
      readonly reason: "stale-token" | "already-restarted" | "not-active" | "stopped-on-purpose";
      readonly detail: string;
    }
  /** No answer in time: it may have happened. */
  | { readonly outcome: "indeterminate"; readonly detail: string }
  | { readonly outcome: "failed"; readonly detail: string };

export interface RestartRequest {
  readonly role: UnitRole;
  /** The restart happens only if the unit's InvocationID still is this one. */
  readonly expectedInvocationId: string;
  /** Fencing token: the node refuses a lower one than it has seen. */
  readonly token: number;
  readonly deadlineMs: number;
}

/**
 * All taps of one control-plane node: what the world looks like to the app, real or emulated. Reads never throw; each
 * has the deadline that is given.
 */
export interface NodeTaps {
  readonly node: NodeName;
  /** A command line prefix by which a person reaches the node, for printed advice; empty for this machine. */
  readonly shellPrefix: string;
  readUnit(role: UnitRole, deadlineMs: number): Promise<Reading<UnitState>>;
  readStopMarker(deadlineMs: number): Promise<Reading<boolean>>;
  readMembers(deadlineMs: number): Promise<Reading<MemberList>>;
  /** Asks a member from this node: its own, or another one over the nodes' network. */
  askMember(member: MemberName, deadlineMs: number): Promise<Reading<DqliteMember>>;
  readRevision(deadlineMs: number): Promise<Reading<RevisionRead>>;
  /** Opens a Watch on all Leases at the datastore itself. */
  watchLeases(handlers: EtcdWatchHandlers): EtcdWatch;
  /** The resources that the apiserver keeps a watch cache for and that are worth judging. */
  readonly cachedResources: readonly string[];
  /** Truth and cache of one resource. */
  readCache(resource: string, deadlineMs: number): Promise<Reading<CacheRead>>;
  readLease(namespace: string, name: string, deadlineMs: number): Promise<Reading<LeaseRead>>;
  readReadyz(deadlineMs: number): Promise<Reading<{ readonly status: number; readonly latencyMs: number }>>;
  readMetrics(deadlineMs: number): Promise<Reading<DatastoreCounters>>;
  /** `database is locked` failures in the datastore's journal of the last `windowMs`. */
  countLockErrors(windowMs: number, deadlineMs: number): Promise<Reading<number>>;
  /** The cluster's restart lock as seen through this node's apiserver. */
  readonly lock: RestartLock;
  restart(request: RestartRequest): Promise<RestartOutcome>;
  close(): Promise<void>;
}
