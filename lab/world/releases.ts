/** What differs between releases, as far as the lab acts it out. Sources: canonical/microk8s and canonical/k8s-dqlite at their tags. */
export interface Release {
  readonly id: string;
  /** For people, for example `MicroK8s 1.35 (k8s-dqlite 1.8.1)`. */
  readonly title: string;
  /** Deadline of each poll query; null before k8s-dqlite 1.1.13, where a dead connection held it for 15 to 20 min. */
  readonly pollDeadlineMs: number | null;
  /** What the poll loop does when it meets that deadline: 1.6.0 to 1.8.1 end for good without a line. */
  readonly onPollDeadline: "ends" | "goes-on";
  /** Slots of a Watch stream's channel; full ends its delivery without a word (1.6.0 to 1.8.1). Null: no such limit. */
  readonly streamSlots: number | null;
  /** go-dqlite's warnings (`no known leader`) are printed from k8s-dqlite 1.7 on. */
  readonly printsDriverWarnings: boolean;
  /**
   * go-dqlite 3 tries the last known leader first, whatever happened to it: while that one hangs, so does every statement of
   * this node, for 20 to 30 s. Before, the next connection asked all members and found the new leader.
   */
  readonly triesLastLeaderFirst: boolean;
  /** From 1.8: writes that wait for the writer are committed together, without a deadline of their own. */
  readonly batchesWrites: boolean;
  /** Sleep between tries of a busy statement: none from k8s-dqlite 1.2 on, about 2 ms before. */
  readonly retrySleepMs: number;
  readonly retriesMax: number;
  /**
   * Consistent LISTs are served from the watch cache after a progress check, else from the store: Kubernetes 1.31 on, above a
   * datastore that calls itself an etcd with progress requests, which k8s-dqlite does from 1.6 on only.
   */
  readonly consistentListFromCache: boolean;
  /** A consistent LIST that waited 3 s falls back to the store (1.37 alpha can switch it off: then 504). */
  readonly listFallsBack: boolean;
  readonly hasMetrics: boolean;
  /** kube-apiserver 1.34 to 1.36 prints a kine.sock warning for each scrape of its /metrics (finding D). */
  readonly scrapeNoise: boolean;
}

const MODERN: Release = {
  id: "1.35",
  title: "MicroK8s 1.35 (k8s-dqlite 1.8.1)",
  pollDeadlineMs: 20_000,
  onPollDeadline: "ends",
  streamSlots: 100,
  printsDriverWarnings: true,
  triesLastLeaderFirst: true,
  batchesWrites: true,
  retrySleepMs: 0,
  retriesMax: 500,
  consistentListFromCache: true,
  listFallsBack: true,
  hasMetrics: true,
  scrapeNoise: true,
};

const OLDER: Release = {
  ...MODERN,
  id: "1.33",
  title: "MicroK8s 1.33 (k8s-dqlite 1.3.5)",
  onPollDeadline: "goes-on",
  streamSlots: null,
  printsDriverWarnings: false,
  triesLastLeaderFirst: false,
  batchesWrites: false,
  consistentListFromCache: false,
  scrapeNoise: false,
};

/** By id. MicroK8s unless the id says otherwise. */
export const RELEASES = {
  "1.28": {
    ...OLDER,
    id: "1.28",
    title: "MicroK8s 1.28 (k8s-dqlite 1.1.12)",
    pollDeadlineMs: null,
    retrySleepMs: 2,
    hasMetrics: false,
  },
  "1.30": {
    ...OLDER,
    id: "1.30",
    title: "MicroK8s 1.30 (k8s-dqlite 1.1.13)",
    retrySleepMs: 2,
    hasMetrics: false,
  },
  "1.31": { ...OLDER, id: "1.31", title: "MicroK8s 1.31 (k8s-dqlite 1.2.2)" },
  "1.32": { ...OLDER, id: "1.32", title: "MicroK8s 1.32 (k8s-dqlite 1.3.5)" },
  "1.33": OLDER,
  "1.34": { ...MODERN, id: "1.34", title: "MicroK8s 1.34 (k8s-dqlite 1.8.1)" },
  "1.35": MODERN,
  "1.36": { ...MODERN, id: "1.36", title: "MicroK8s 1.36 (k8s-dqlite 1.8.1)" },
} as const satisfies Readonly<Record<string, Release>>;

export type ReleaseId = keyof typeof RELEASES;
