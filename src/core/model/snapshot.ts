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
} from "./observation.ts";
import type { Observed } from "./observed.ts";

/** A revision that somebody must still deliver, and when the observer first knew of it. */
export interface PendingRevision {
  readonly revision: number;
  readonly seenAtMs: number;
}

/** Reads of the store through one node's datastore, over time. */
export interface StoreTrack {
  readonly last: Observed<RevisionRead>;
  /** The last read that succeeded. */
  readonly lastServed: { readonly revision: number; readonly latencyMs: number; readonly atMs: number } | null;
  /** Since when every read has failed at the store; null when the last one succeeded, or when we could not look. */
  readonly failingSinceMs: number | null;
  /** When the revision was last seen to move: proof that writes are served. Null when it was not seen to move yet. */
  readonly movedAtMs: number | null;
}

/** What this node's datastore delivers on one Watch stream, against what the store holds. */
export interface FeedTrack {
  /** The stream: known since it was created, unknown before and after it ended. */
  readonly stream: Observed<{ readonly revision: number }>;
  /** First store revision read after the stream was created: only what is newer must be delivered. */
  readonly baselineRevision: number | null;
  /** Highest revision that an event or a progress reply showed on this stream; null before the first. */
  readonly deliveredRevision: number | null;
  readonly lastEvent: { readonly revision: number; readonly atMs: number } | null;
  readonly lastProgress: { readonly revision: number; readonly atMs: number } | null;
  /** Store revisions that the stream has not shown yet, oldest first. */
  readonly pending: readonly PendingRevision[];
  /** When `deliveredRevision` last rose: a stream that moves is alive, however far behind it is. */
  readonly movedAtMs: number | null;
  /**
   * When the stream last showed a new revision past the baseline, or the store was last read at one that it had shown.
   * On a busy cluster it always owes the next one already; and a reply that repeats an old one proves nothing.
   */
  readonly caughtUpAtMs: number | null;
}

/** A revision that a watch cache owes, and who told it. */
export type CachePending = PendingRevision &
  (
    | { readonly by: "event" }
    /** Told by consistent LISTs that waited for the cache in vain, this many in a row. */
    | { readonly by: "list"; readonly waits: number }
  );

/** One resource's watch cache in one apiserver. */
export interface CacheTrack {
  readonly last: Observed<CacheRead>;
  /** A revision that this cache must reach and has not; null when none is known. */
  readonly pending: CachePending | null;
  /** When the cache was last seen to have reached what it must. */
  readonly caughtUpAtMs: number | null;
  /** The last cache revision that was read, and since when it is that one. */
  readonly still: { readonly revision: number; readonly sinceMs: number; readonly lastReadAtMs: number } | null;
}

/** All that is known of one node at one instant. Absent parts were not observed. */
export interface NodeSnapshot {
  readonly node: NodeName;
  readonly units: Readonly<Partial<Record<UnitRole, Observed<UnitState>>>>;
  readonly stoppedOnPurpose: Observed<boolean> | null;
  /** Address of this node's own dqlite member: a key of the snapshot's `members`. */
  readonly ownMember: string | null;
  readonly memberList: Observed<number> | null;
  readonly store: StoreTrack | null;
  readonly feed: FeedTrack | null;
  readonly caches: Readonly<Record<string, CacheTrack>>;
  readonly readyz: Observed<{ readonly status: number; readonly latencyMs: number }> | null;
  readonly leases: Readonly<Record<string, Observed<LeaseRead>>>;
  readonly metrics: {
    readonly last: Observed<DatastoreCounters>;
    /** Since when the poll's counter stands still while others move; null when it moves or is unknown. */
    readonly pollFlatSinceMs: number | null;
  } | null;
  readonly lockErrors: Observed<{ readonly count: number; readonly windowMs: number }> | null;
}

/** One dqlite member's last answer. */
export interface MemberTrack {
  readonly member: MemberName;
  readonly reading: Observed<DqliteMember>;
  /** Since when its answers have named no leader; null when it names one or does not answer. */
  readonly namesNoneSinceMs: number | null;
  /** Since when it has not answered; null when the last question was answered, or when we could not ask. */
  readonly silentSinceMs: number | null;
}

/** The cluster at one instant: what every decision is made on. Never re-read while a decision is made. */
export interface Snapshot {
  readonly nowMs: number;
  /** When observing began. */
  readonly startedAtMs: number;
  /** In the order of the configuration. */
  readonly nodes: readonly NodeSnapshot[];
  /** The dqlite members by address, whoever asked them. */
  readonly members: Readonly<Record<string, MemberTrack>>;
  /** Since when no usable leader was seen, after at least one member was asked; null when there is one. */
  readonly leaderlessSinceMs: number | null;
}
