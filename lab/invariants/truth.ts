import type { NodeName, UnitRole, UnitState } from "../../src/core/model/observation.ts";
import { LOCK_NAME, LOCK_NAMESPACE } from "../../src/app/kube/lease-lock.ts";
import type { Json } from "../world/datastore/datastore.ts";
import type { Process } from "../world/process.ts";
import { STOP_MARKER_PATH } from "../world/units.ts";
import { UNITS, type World } from "../world/world.ts";

/** What is really so, whatever Quorate has read: for invariants, never for taps. */
export interface Truth {
  nowMs(): number;
  readonly nodes: readonly NodeName[];
  isUp(node: NodeName): boolean;
  unit(node: NodeName, role: UnitRole): UnitState;
  /** `down` also while its wrapper still sleeps. */
  process(node: NodeName, role: UnitRole): "running" | "paused" | "down";
  /** How often processes of that unit have gone on after a pause: a look each second cannot tell a slow one from a stopped one. */
  resumes(node: NodeName, role: UnitRole): number;
  isStopMarked(node: NodeName): boolean;
  leader(): NodeName | null;
  /** By the configuration that the leader, or else any running member, has. */
  voters(): readonly NodeName[];
  /** Both ways pass. */
  reaches(one: NodeName, other: NodeName): boolean;
  /** One way's delay now, in ms. */
  delayMs(from: NodeName, to: NodeName): number;
  isPollAlive(node: NodeName): boolean;
  /** Prefixes of streams that are open and mute. */
  mutedPrefixes(node: NodeName): readonly string[];
  /** Up to where each resource's watch cache is, by `resource.group`. */
  cacheRevisions(node: NodeName): ReadonlyMap<string, number>;
  /** The store's newest revision. */
  revision(): number;
  /** What the lock's Lease holds in the store, whatever its age; null when there is none. */
  lock(): { readonly holder: string; readonly token: number } | null;
  /** Statements that failed with BUSY since the beginning. */
  busyCount(): number;
  disk(node: NodeName): { readonly freeBytes: number; readonly syncMs: number };
  /** Whether a statement that this node sends now would be served within milliseconds. */
  isQuick(node: NodeName): boolean;
  /** Whether a resource's cache can be judged from outside while the resource is idle: not before Kubernetes 1.31. */
  isJudged(resource: string): boolean;
}

const LOCK_KEY = `/registry/leases/${LOCK_NAMESPACE}/${LOCK_NAME}`;

export function createTruth(world: World): Truth {
  const resumes = createResumes();
  const byAddress = new Map<string, NodeName>();
  const nodeAt = (address: string): NodeName | null => {
    if (byAddress.size === 0) for (const node of world.nodes) byAddress.set(node.member.state().address, node.name);
    return byAddress.get(address) ?? null;
  };
  return {
    nowMs: () => world.sim.nowMs(),
    nodes: world.nodes.map(({ name }) => name),
    isUp: (node) => world.node(node).host.isUp,
    unit: (node, role) => world.node(node).host.systemd.state(UNITS[role]),
    process: (node, role) => {
      const process = world.node(node).host.systemd.process(UNITS[role]);
      resumes.follow(`${node} ${role}`, process);
      return process === null || process.state === "ended" ? "down" : process.state;
    },
    resumes: (node, role) => resumes.count(`${node} ${role}`),
    isStopMarked: (node) => world.node(node).host.files.has(STOP_MARKER_PATH),
    leader: () => world.dqlite.leader(),
    voters: () => {
      const leader = world.dqlite.leader();
      const member = leader === null ? world.nodes[0]?.member : world.node(leader).member;
      const servers = member?.state().servers ?? [];
      return servers.flatMap(({ role, address }) => (role === "voter" ? (nodeAt(address) ?? []) : []));
    },
    reaches: (one, other) => world.network.passes(one, other) && world.network.passes(other, one),
    delayMs: (from, to) => world.network.delayMs(from, to),
    isPollAlive: (node) => world.node(node).datastore.isPollAlive(),
    mutedPrefixes: (node) => world.node(node).datastore.mutedPrefixes(),
    cacheRevisions: (node) => world.node(node).apiserver.cacheRevisions(),
    revision: () => world.table.revision,
    lock: () => {
      const stored = world.table.get(LOCK_KEY);
      return stored === null ? null : { holder: holderOf(stored.value), token: stored.modRevision };
    },
    busyCount: () => world.dqlite.busyCount,
    disk: (node) => world.node(node).host.disk,
    isQuick: (node) => world.node(node).member.isQuick,
    isJudged: (resource) => world.release.consistentListFromCache || resource === "leases.coordination.k8s.io",
  };
}

function createResumes(): { follow(key: string, process: Process | null): void; count(key: string): number } {
  const followed = new WeakSet<Process>();
  const counts = new Map<string, number>();
  return {
    follow: (key, process) => {
      if (process === null || followed.has(process)) return;
      followed.add(process);
      process.onPause((isPaused) => {
        if (!isPaused) counts.set(key, (counts.get(key) ?? 0) + 1);
      });
    },
    count: (key) => counts.get(key) ?? 0,
  };
}

function holderOf(value: Json): string {
  const spec = (value as { readonly spec?: { readonly holderIdentity?: unknown } } | null)?.spec;
  return typeof spec?.holderIdentity === "string" ? spec.holderIdentity : "";
}

/** A voter that takes part now: its process runs and the leader and it reach each other. */
export function isHealthyVoter(truth: Truth, node: NodeName): boolean {
  const leader = truth.leader();
  if (!truth.isUp(node) || truth.process(node, "datastore") !== "running") return false;
  return leader === null || truth.reaches(node, leader);
}
