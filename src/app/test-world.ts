import { createLeaseServer, type LeaseServer } from "./kube/test-lease-server.ts";
import type { NodeTaps } from "../ports/node-taps.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";
import { createTestNode, createTestTaps, isServing, type TestCluster, type TestNode } from "./test-node.ts";

/** 2026-06-24 16:16:00 UTC: any fixed instant would do. */
const START_MS = Date.UTC(2026, 5, 24, 16, 16);

/** Three emulated nodes in virtual time, for tests of the app. It is not the lab: nothing here has a will of its own. */
export interface TestWorld {
  readonly clock: TestClock;
  readonly nodes: readonly [TestNode, TestNode, TestNode];
  readonly taps: readonly NodeTaps[];
  readonly leases: LeaseServer;
  /** The node's feed delivers nothing from now on. */
  killFeed(node: TestNode): void;
  /** One resource's watch cache stands still from now on, above a live feed. */
  freezeCache(node: TestNode, resource: string): void;
  /** The node's datastore unit is stopped, by a person or by a crash. */
  stopDatastore(node: TestNode, result: "success" | "exit-code"): void;
  /** Somebody else takes the lock, whoever has it. */
  takeLock(holder: string): void;
  /** All restarts that happened, as `node/role`, in order. */
  restarts(): readonly string[];
  /** Whether the lock is free: never taken, or given back. */
  isLockFree(): boolean;
}

/** A healthy cluster, 20 minutes after its start. The first node leads. */
export function createTestWorld(): TestWorld {
  const clock = createTestClock(START_MS);
  let writes = 0;
  const revision = () => 1000 + Math.floor((clock.nowMs() - START_MS) / 1000) + writes;
  const nextRevision = () => {
    writes += 1;
    return revision();
  };
  const leases = createLeaseServer(clock, nextRevision);
  const nodes = [1, 2, 3].map((index) => createTestNode(index, START_MS)) as [TestNode, TestNode, TestNode];
  const leader = () => {
    const up = nodes.filter((node) => isServing(node, clock.nowMs()));
    return up.length * 2 > nodes.length ? (up[0]?.name ?? null) : null;
  };
  const cluster: TestCluster = { clock, nodes, leases, revision, leader };
  return {
    clock,
    nodes,
    taps: nodes.map((node) => createTestTaps(cluster, node)),
    leases,
    killFeed: (node) => {
      node.feedDeadAt = revision();
    },
    freezeCache: (node, resource) => {
      node.frozen.set(resource, revision());
    },
    stopDatastore: (node, result) => {
      const activeState = result === "success" ? "inactive" : "failed";
      node.units.datastore = { ...node.units.datastore, activeState, subState: "dead", result };
      for (const end of node.streams) end();
    },
    takeLock: (holder) => {
      const renewTime = new Date(clock.nowMs()).toISOString();
      leases.put({ holderIdentity: holder, renewTime, leaseDurationSeconds: 600, leaseTransitions: 7 });
    },
    restarts: () =>
      nodes
        .flatMap((node) => node.restarts.map(({ role, atMs }) => ({ atMs, what: `${node.name}/${role}` })))
        .sort((a, b) => a.atMs - b.atMs)
        .map(({ what }) => what),
    isLockFree: () => (leases.lease()?.spec["holderIdentity"] ?? "") === "",
  };
}
