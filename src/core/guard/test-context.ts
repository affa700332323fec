import { known } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { LEASES, type NodeShows, unitState } from "../test-node.ts";
import { guard } from "./guard.ts";
import type { GuardContext } from "./rule.ts";

/** Test support: a node whose poll loop has ended, and what the guard is asked about it. */

export const DEAD_FEED: Partial<NodeShows> = {
  feed: "dead",
  caches: { [LEASES]: "frozen", pods: "frozen", configmaps: "frozen" },
};

/** Three voters, all healthy; the feed of node-2 has been dead for 10 s. */
export function deadFeed(): TestCluster {
  return new TestCluster().run(10).change("node-2", DEAD_FEED).run(10);
}

/** What the guard is asked before node-2's datastore is restarted, right now, with the lock free. */
export function contextOf(cluster: TestCluster, change: Partial<GuardContext> = {}): GuardContext {
  const { snapshot, ladder } = cluster;
  return {
    snapshot,
    ladder,
    action: { kind: "restart-unit", node: "node-2", role: "datastore", unit: unitState().unit },
    lock: { ...known({ holder: null, token: 5 }), observedAtMs: snapshot.nowMs },
    self: { holder: "quorate/run-1", token: null },
    pastActions: [],
    ...change,
  };
}

/** `rule/reason` of every refusal, in the order of the rules. */
export function refusals(context: GuardContext): readonly string[] {
  return guard(context).map(({ rule, reason }) => `${rule}/${reason}`);
}
