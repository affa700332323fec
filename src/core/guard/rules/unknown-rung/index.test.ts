import { describe, expect, test } from "vitest";
import { unknown } from "../../../model/observed.ts";
import { TestCluster } from "../../../test-cluster.ts";
import { LEASES, type NodeShows, unitState } from "../../../test-node.ts";
import { contextOf, deadFeed, DEAD_FEED } from "../../test-context.ts";
import { unknownRungRule } from "./index.ts";

function message(change: Partial<NodeShows>, node: string): string | null {
  return unknownRungRule.judge(contextOf(deadFeed().change(node, change).run(5)))?.message ?? null;
}

const UNIT = { datastore: unknown("unreachable", "no route to host") };

describe("permits", () => {
  test("when all that matters is known", () => {
    expect(message({}, "node-2")).toBeNull();
  });

  test("what stands above the broken rung: it is consequence", () => {
    expect(message({ caches: {} }, "node-2")).toBeNull();
  });

  test("what is unknown on other nodes above their quorum: they must only carry the cluster", () => {
    expect(message({ feed: "silent", store: "unreachable", caches: {} }, "node-3")).toBeNull();
  });
});

describe("refuses", () => {
  test("when a rung below the broken one is unknown on the node of the action", () => {
    expect(message(UNIT, "node-2")).toMatch(/^not known: unit of node-2; first: .*no route to host$/);
    expect(message({ member: "unreachable" }, "node-2")).toMatch(/^not known: quorum of node-2/);
  });

  test("when the units or the quorum are unknown on any other node", () => {
    expect(message(UNIT, "node-1")).toMatch(/^not known: unit of node-1/);
    expect(message({ member: "unreachable" }, "node-3")).toMatch(/^not known: quorum of node-3/);
  });

  test("a cache above a feed that is unknown: the cause may lie there", () => {
    const cluster = new TestCluster().run(10);
    cluster.change("node-2", { ...DEAD_FEED, feed: "silent", caches: { [LEASES]: "frozen" } }).run(30);
    expect(cluster.cause("node-2")).toMatchObject({ rung: "cache", unknownBelow: ["feed"] });
    expect(unknownRungRule.judge(contextOf(cluster))?.message).toMatch(/^not known: feed of node-2/);
  });

  test("everything, when nothing was read yet: each rung is named", () => {
    const said = unknownRungRule.judge(contextOf(new TestCluster()))?.message ?? "";
    for (const rung of ["unit", "quorum", "store", "feed", "cache"]) expect(said).toContain(`${rung} of node-2`);
    expect(said).toContain("unit of node-1, quorum of node-1");
  });

  test("a node that was not observed", () => {
    const action = { kind: "restart-unit", node: "node-9", role: "datastore", unit: unitState().unit } as const;
    expect(unknownRungRule.judge(contextOf(deadFeed(), { action }))).toMatchObject({ reason: "node-not-observed" });
  });
});
