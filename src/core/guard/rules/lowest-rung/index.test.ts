import { describe, expect, test } from "vitest";
import { TestCluster } from "../../../test-cluster.ts";
import { LEASES, type NodeShows } from "../../../test-node.ts";
import { known } from "../../../model/observed.ts";
import { unitState } from "../../../test-node.ts";
import { contextOf, DEAD_FEED, deadFeed } from "../../test-context.ts";
import { lowestRungRule } from "./index.ts";

function reason(change: Partial<NodeShows>): string | null {
  const cluster = new TestCluster().run(10).change("node-2", change).run(15);
  return lowestRungRule.judge(contextOf(cluster))?.reason ?? null;
}

describe("permits", () => {
  test("a restart for a dead feed", () => {
    expect(lowestRungRule.judge(contextOf(deadFeed()))).toBeNull();
  });

  test("a restart for one frozen watch cache above a live feed", () => {
    expect(reason({ caches: { [LEASES]: "follows", configmaps: "frozen" } })).toBeNull();
  });
});

describe("refuses", () => {
  test("a healthy node, though another one is broken", () => {
    const action = { kind: "restart-unit", node: "node-3", role: "datastore", unit: unitState().unit } as const;
    expect(lowestRungRule.judge(contextOf(deadFeed(), { action }))).toMatchObject({
      reason: "nothing-broken",
      message: "no rung is broken on node-3: there is nothing to cure",
    });
  });

  test("a node that is only suspected: unknown and degraded are not broken", () => {
    expect(reason({ feed: "silent" })).toBe("nothing-broken");
    expect(reason({ lockErrors: 100 })).toBe("nothing-broken");
  });

  test("a node that was not observed", () => {
    const action = { kind: "restart-unit", node: "node-9", role: "datastore", unit: unitState().unit } as const;
    expect(lowestRungRule.judge(contextOf(deadFeed(), { action }))).toMatchObject({ reason: "nothing-broken" });
  });

  test.each<[string, Partial<NodeShows>]>([
    ["cause-is-unit", { datastore: known(unitState({ activeState: "failed" })) }],
    ["cause-is-quorum", { member: "connection-refused" }],
    ["cause-is-store", { store: "deadline" }],
  ])("when a lower rung is broken too: %s", (expected, change) => {
    expect(reason({ ...DEAD_FEED, ...change })).toBe(expected);
  });
});
