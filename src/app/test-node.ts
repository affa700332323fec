import { createLeaseLock } from "./kube/lease-lock.ts";
import type { LeaseServer } from "./kube/test-lease-server.ts";
import type { UnitRole, UnitState } from "../core/model/observation.ts";
import { known, type Reading, unknown, type UnknownReason } from "../core/model/observed.ts";
import { microk8s } from "../core/profiles/microk8s/index.ts";
import type { EtcdWatch, EtcdWatchHandlers } from "../ports/etcd-api.ts";
import type { NodeTaps, RestartOutcome, RestartRequest } from "../ports/node-taps.ts";
import type { RestartLock } from "../ports/restart-lock.ts";
import type { TestClock } from "./test-clock.ts";

/** What an emulated node reads of its cluster. */
export interface TestCluster {
  readonly clock: TestClock;
  readonly nodes: readonly TestNode[];
  readonly leases: LeaseServer;
  /** The store's revision now: it grows by one each second, and with each write of the lock. */
  revision(): number;
  /** Name of the node whose member leads; null without a majority of running members. */
  leader(): string | null;
}

/** What goes wrong with a restart command, once. */
export type RestartFault = "no-answer-done" | "no-answer-not-done" | "no-answer-done-late" | "failed";

export type TapName = "unit" | "marker" | "members" | "member" | "store" | "cache" | "lease" | "lock" | "journal";

/** One emulated node: tests set its fields, taps read them. */
export interface TestNode {
  readonly name: string;
  readonly address: string;
  readonly id: string;
  readonly units: Record<UnitRole, UnitState>;
  stopMarker: boolean;
  /** The feed delivers up to this revision and nothing after it; null while it lives. */
  feedDeadAt: number | null;
  /** Frozen watch caches: the last revision that each shows. */
  readonly frozen: Map<string, number>;
  /** Which unit's restart revives feed and caches; null when none does. */
  curedBy: UnitRole | null;
  /** Taps that answer nothing within their deadline, and those that cannot read. */
  readonly hung: Set<TapName>;
  readonly unreadable: Set<TapName>;
  lockErrors: number;
  /** Highest fencing token that the node has seen. */
  token: number;
  restartFault: RestartFault | null;
  /** Runs on the node right before a restart command is looked at. */
  beforeRestart: () => void;
  /** Every restart that happened, oldest first. */
  readonly restarts: { readonly role: UnitRole; readonly atMs: number }[];
  /** Open Watch streams, each with its way to end. */
  readonly streams: Set<() => void>;
  /** Streams that show nothing new any more, as those of a reader that slept for minutes. */
  readonly muted: Set<() => void>;
  /** How many Watches were opened so far. */
  watchesOpened: number;
  /** The datastore serves from this instant on. */
  servesFromMs: number;
}

/** A unit's restart blocks until the old process has ended, and the wrapper sleeps before the new one serves. */
const STOP_MS = 1500;
const START_MS = 8000;

/** The apiserver waits this long for its cache before it reads the store. */
const CACHE_WAIT_MS = 3000;

const SERVERS_RESOURCES = ["leases.coordination.k8s.io", "pods", "configmaps"] as const;

export function createTestNode(index: number, startMs: number): TestNode {
  const unit = (role: UnitRole): UnitState => ({
    unit: microk8s.units[role] ?? "",
    activeState: "active",
    subState: "running",
    result: "success",
    invocationId: invocationId(index, role, 0),
    activeEnterAtMs: startMs - 3_600_000,
    mainPid: 1000 + index,
    restarts: 0,
  });
  return {
    name: `k8s0${index}`,
    address: `198.51.100.1${index}:19001`,
    id: String(3297041220608546230n + BigInt(index)),
    units: { datastore: unit("datastore"), kubelite: unit("kubelite") },
    stopMarker: false,
    feedDeadAt: null,
    frozen: new Map(),
    curedBy: "datastore",
    hung: new Set(),
    unreadable: new Set(),
    lockErrors: 0,
    token: 0,
    restartFault: null,
    beforeRestart: () => undefined,
    restarts: [],
    streams: new Set(),
    muted: new Set(),
    watchesOpened: 0,
    servesFromMs: startMs,
  };
}

/** New at each start, as systemd's are. */
function invocationId(index: number, role: UnitRole, starts: number): string {
  return `${role === "datastore" ? "d" : "b"}${index}${String(starts).padStart(30, "0")}`;
}

/** Whether the node's datastore runs and serves. */
export function isServing(node: TestNode, nowMs: number): boolean {
  return node.units.datastore.activeState === "active" && nowMs >= node.servesFromMs;
}

/** The taps of an emulated node. */
export function createTestTaps(cluster: TestCluster, node: TestNode): NodeTaps {
  const { clock } = cluster;
  const serving = () => isServing(node, clock.nowMs());
  const down = () => unknown("not-found", `${node.name}: the datastore's socket does not exist`);

  async function answer<T>(
    tap: TapName,
    deadlineMs: number,
    read: () => Reading<T>,
    latencyMs = 5,
  ): Promise<Reading<T>> {
    if (node.hung.has(tap)) {
      await clock.sleep(deadlineMs);
      return unknown("deadline", `${node.name}: no answer within ${deadlineMs} ms`);
    }
    await clock.sleep(latencyMs);
    return node.unreadable.has(tap) ? unknown("unreachable", `${node.name}: no route to host`) : read();
  }

  const cacheRevision = (resource: string) =>
    Math.min(node.frozen.get(resource) ?? Infinity, node.feedDeadAt ?? Infinity, cluster.revision());

  return {
    node: node.name,
    shellPrefix: `ssh ${node.name} `,
    readUnit: (role, deadlineMs) => answer("unit", deadlineMs, () => known(node.units[role])),
    readStopMarker: (deadlineMs) => answer("marker", deadlineMs, () => known(node.stopMarker)),
    readMembers: (deadlineMs) =>
      answer("members", deadlineMs, () => {
        const all = cluster.nodes.map(({ id, address }) => ({ id, address }));
        return known({ own: { id: node.id, address: node.address }, all });
      }),
    askMember: (member, deadlineMs) =>
      answer("member", deadlineMs, () => {
        const asked = cluster.nodes.find(({ address }) => address === member.address);
        if (
          asked === undefined ||
          asked.units.datastore.activeState !== "active" ||
          clock.nowMs() < asked.servesFromMs
        ) {
          return unknown("connection-refused", `${member.address}: connection refused`);
        }
        const servers = cluster.nodes.map(({ id, address }) => ({ id, address, role: "voter" as const }));
        const leader = cluster.nodes.find(({ name }) => name === cluster.leader());
        const named = leader === undefined ? null : { id: leader.id, address: leader.address };
        return known({ address: member.address, leader: named, servers });
      }),
    readRevision: (deadlineMs) =>
      answer("store", deadlineMs, () => (serving() ? known({ revision: cluster.revision(), latencyMs: 5 }) : down())),
    watchLeases: (handlers) => openWatch(cluster, node, handlers),
    cachedResources: SERVERS_RESOURCES,
    readCache: (resource, deadlineMs) => {
      const truth = cluster.revision();
      const behind = cacheRevision(resource) < truth;
      const waitMs = behind ? CACHE_WAIT_MS + 10 : 15;
      const latest = { revision: truth, latencyMs: waitMs };
      const read = () => known({ resource, latest, cache: { revision: cacheRevision(resource), latencyMs: 5 } });
      return answer("cache", deadlineMs, () => (serving() ? read() : unknown("server-error", "HTTP 500")), waitMs);
    },
    readLease: (namespace, name, deadlineMs) =>
      answer("lease", deadlineMs, () => {
        const spec = {
          holderIdentity: "k8s01_4f1d",
          renewAtMs: clock.nowMs() - 500,
          serverAtMs: clock.nowMs(),
          leaseDurationSeconds: 60,
          leaseTransitions: 3,
        };
        return known({ namespace, name, ...spec, resourceVersion: String(cluster.revision()), latencyMs: 5 });
      }),
    readReadyz: (deadlineMs) => answer("lease", deadlineMs, () => known({ status: 200, latencyMs: 5 })),
    readMetrics: () => Promise.resolve(unknown("not-configured", "metrics are off")),
    countLockErrors: (_, deadlineMs) => answer("journal", deadlineMs, () => known(node.lockErrors)),
    lock: slowed(createLeaseLock(cluster.leases.api), answer),
    restart: (request) => restart(cluster, node, request),
    close: () => Promise.resolve(),
  };
}

/** The lock with a node's latency and faults on the way to it. */
function slowed(
  lock: RestartLock,
  answer: (tap: "lock", deadlineMs: number, read: () => Reading<null>) => Promise<Reading<null>>,
): RestartLock {
  const way = (deadlineMs: number) => answer("lock", deadlineMs, () => known(null));
  return {
    read: async (deadlineMs) => {
      const passed = await way(deadlineMs);
      return passed.known ? lock.read(deadlineMs) : passed;
    },
    take: async (holder, deadlineMs) => {
      const passed = await way(deadlineMs);
      return passed.known ? lock.take(holder, deadlineMs) : { outcome: "unknown", detail: passed.detail };
    },
    release: async (holder, deadlineMs) => (await way(deadlineMs)).known && lock.release(holder, deadlineMs),
  };
}

/** A stream that tells, at each progress request, what the node's poll has delivered up to now. */
function openWatch({ clock, ...cluster }: TestCluster, node: TestNode, handlers: EtcdWatchHandlers): EtcdWatch {
  let shown = cluster.revision();
  const end = (reason: UnknownReason, detail: string) => {
    if (node.streams.delete(onDown)) handlers.onEnd(reason, detail);
  };
  const onDown = () => end("protocol", "the datastore ended the stream");
  node.streams.add(onDown);
  node.watchesOpened += 1;
  void clock.sleep(5).then(() => {
    if (!isServing(node, clock.nowMs())) end("connection-refused", "connection refused");
    else if (node.streams.has(onDown)) handlers.onCreated(cluster.revision());
  });
  const requestProgress = async () => {
    await clock.sleep(5);
    if (!node.streams.has(onDown)) return;
    const delivered = node.muted.has(onDown) ? shown : Math.min(node.feedDeadAt ?? Infinity, cluster.revision());
    if (delivered > shown) handlers.onEvents(delivered);
    shown = Math.max(shown, delivered);
    handlers.onProgress(delivered);
  };
  return { requestProgress: () => void requestProgress(), close: () => end("not-read-yet", "closed") };
}

/** The fenced restart: all is checked on the node, at the moment of the act. */
async function restart({ clock }: TestCluster, node: TestNode, request: RestartRequest): Promise<RestartOutcome> {
  const { role, expectedInvocationId, token, deadlineMs } = request;
  const fault = node.restartFault;
  node.restartFault = null;
  node.beforeRestart();
  await clock.sleep(20);
  const unit = node.units[role];
  if (fault === "no-answer-not-done") return noAnswer(clock, deadlineMs);
  if (fault === "failed") return { outcome: "failed", detail: "sudo: a password is required" };
  if (token < node.token)
    return { outcome: "refused", reason: "stale-token", detail: `token ${token} is older than ${node.token}` };
  node.token = token;
  if (node.stopMarker) return { outcome: "refused", reason: "stopped-on-purpose", detail: "the stop marker is set" };
  if (unit.activeState !== "active")
    return { outcome: "refused", reason: "not-active", detail: `${unit.unit} is ${unit.activeState}` };
  if (unit.invocationId !== expectedInvocationId) {
    return { outcome: "refused", reason: "already-restarted", detail: `${unit.unit} was restarted meanwhile` };
  }
  if (fault === "no-answer-done-late") {
    const stopping = { ...unit, activeState: "deactivating", subState: "stop-sigterm" };
    node.units[role] = stopping;
    void clock.sleep(20_000).then(() => replace(node, role, clock.nowMs()));
    return { outcome: "indeterminate", detail: "the connection was lost" };
  }
  await clock.sleep(STOP_MS);
  replace(node, role, clock.nowMs());
  if (fault === "no-answer-done") return noAnswer(clock, deadlineMs);
  return { outcome: "restarted", invocationId: node.units[role].invocationId ?? "" };
}

async function noAnswer(clock: TestClock, deadlineMs: number): Promise<RestartOutcome> {
  await clock.sleep(deadlineMs);
  return { outcome: "indeterminate", detail: `no answer within ${deadlineMs} ms` };
}

/** The old process is gone, the new one is there: a new InvocationID, no streams, and after a while it serves. */
function replace(node: TestNode, role: UnitRole, nowMs: number): void {
  node.restarts.push({ role, atMs: nowMs });
  const started = invocationId(Number(node.name.slice(-1)), role, node.restarts.length);
  const running = { activeState: "active", subState: "running", activeEnterAtMs: nowMs, invocationId: started };
  node.units[role] = { ...node.units[role], ...running };
  if (role === "datastore") {
    node.servesFromMs = nowMs + START_MS;
    for (const end of node.streams) end();
  }
  if (node.curedBy !== role) return;
  node.feedDeadAt = null;
  node.frozen.clear();
}
