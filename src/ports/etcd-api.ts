import type { Reading, UnknownReason } from "../core/model/observed.ts";
import type { RevisionRead } from "../core/model/observation.ts";

export interface EtcdWatchHandlers {
  /** The server confirmed the watch; `revision` of its header, 0 when it sends none (k8s-dqlite does not). */
  onCreated(revision: number): void;
  /** Events arrived; the highest modification revision among them. */
  onEvents(revision: number): void;
  /** Answer to a progress request, or a periodic progress notification. */
  onProgress(revision: number): void;
  /**
   * Exactly once, when the stream has ended or could not be opened: why, as a tap tells it, with one line for people.
   * `not-read-yet` when this side closed it.
   */
  onEnd(reason: UnknownReason, detail: string): void;
}

export interface EtcdWatch {
  /** Sends a WatchProgressRequest; the answer comes by `onProgress`. */
  requestProgress(): void;
  close(): void;
}

/** The etcd v3 surface of k8s-dqlite, kine or etcd, as far as a read-only witness needs it. */
export interface EtcdApi {
  /** Range of one small key (`/registry/health`): the header's revision is the store's. Never throws. */
  readRevision(deadlineMs: number): Promise<Reading<RevisionRead>>;
  /** Opens one Watch stream with one watch on all keys under `prefix`. */
  watchPrefix(prefix: string, handlers: EtcdWatchHandlers): EtcdWatch;
  close(): void;
}
