import { describe, expect, test } from "vitest";
import { known } from "../../../model/observed.ts";
import { TestCluster } from "../../../test-cluster.ts";
import { memberAddress, memberOf, type NodeShows, nodeName } from "../../../test-node.ts";
import { contextOf } from "../../test-context.ts";
import { quorumRule } from "./index.ts";

/** Asks for the restart of the node's datastore in a cluster in which each member answers as given. */
function judge(members: readonly NodeShows["member"][], target = 1, role: "datastore" | "kubelite" = "datastore") {
  const cluster = new TestCluster({}, members.length);
  for (const [index, member] of members.entries()) cluster.change(nodeName(index), { member });
  const action = { kind: "restart-unit", node: nodeName(target), role, unit: "x" } as const;
  return quorumRule.judge(contextOf(cluster.run(1), { action }));
}

/** So many voters that name the first one, then so many that are down. */
function healthy(count: number, missing: number): NodeShows["member"][] {
  return [
    ...Array.from({ length: count }, () => 0),
    ...Array.from({ length: missing }, () => "connection-refused" as const),
  ];
}

describe("restart arithmetic over healthy and missing voters: the voter count does not shrink", () => {
  test.each([
    [1, 0, false],
    [2, 0, false],
    [3, 0, true],
    [2, 1, false],
    [4, 0, true],
    [3, 1, false],
    [5, 0, true],
    [4, 1, true],
    [3, 2, false],
    [7, 0, true],
    [5, 2, true],
    [4, 3, false],
  ])("%i healthy and %i down: may one of the healthy be restarted? %s", (count, missing, permitted) => {
    expect(judge(healthy(count, missing), Math.min(1, count - 1)) === null).toBe(permitted);
  });

  test.each([
    [2, 1, true],
    [3, 2, true],
    [4, 3, true],
  ])("%i healthy and %i down: may one that is down be restarted? %s", (count, missing, permitted) => {
    expect(judge(healthy(count, missing), count) === null).toBe(permitted);
  });

  test("the leader counts like any other voter", () => {
    expect(judge([0, 0, 0], 0)).toBeNull();
    expect(judge([0, 0, "connection-refused"], 0)).toMatchObject({ reason: "majority-lost" });
  });
});

describe("refuses", () => {
  test("and tells how many would be left", () => {
    expect(judge([0, 0, "connection-refused"])?.message).toBe(
      "1 of 3 voters would be healthy during the restart, 2 are needed",
    );
  });

  test("and does not tell anybody to wait where no voter can ever be spared", () => {
    expect(judge([0, 0, "connection-refused"])?.next).toContain("wait until the other voters are back");
    for (const few of [[0], [0, 0]]) expect(judge(few, 0)?.next).toMatch(/none can be spared.*a person decides/);
  });

  test.each<[string, NodeShows["member"][]]>([
    ["no-usable-leader", ["none", "none", "none"]],
    ["no-usable-leader", [0, "connection-refused", "connection-refused"]],
    ["no-usable-leader", [0, 1, 2]],
    ["leader-unknown", ["deadline", 0, 0]],
    ["leader-unknown", [0, "unreachable", "unreachable"]],
  ])("%s: members say %j", (reason, members) => {
    expect(judge(members)).toMatchObject({ reason });
  });

  test("a voter that could not be asked is not healthy", () => {
    expect(judge([0, 0, "unreachable"])).toMatchObject({ reason: "majority-lost" });
    expect(judge([0, 0, "none"])).toMatchObject({ reason: "majority-lost" });
  });

  test("a node whose own member is not known", () => {
    const cluster = new TestCluster().run(1);
    const action = { kind: "restart-unit", node: "node-9", role: "datastore", unit: "x" } as const;
    expect(quorumRule.judge(contextOf(cluster, { action }))).toMatchObject({ reason: "member-unknown" });
  });

  test("a member that answers under an address which the list spells otherwise, and whose id is not known", () => {
    const cluster = new TestCluster().change("node-3", { member: "connection-refused" }).run(1);
    const servers = [0, 1, 2].map((index) => ({ ...memberOf(index), role: "voter" as const }));
    const reading = known({ address: "", leader: memberOf(0), servers });
    cluster.see("node-1", { kind: "dqlite", own: false, member: { id: null, address: memberAddress(1) }, reading });
    cluster.see("node-2", { kind: "dqlite", own: true, member: { id: null, address: "127.0.0.1:19001" }, reading });
    expect(quorumRule.judge(contextOf(cluster))).toMatchObject({ reason: "member-unknown" });
  });
});

describe("permits", () => {
  test("the restart of a stand-by, with any number of voters that still is a majority", () => {
    const cluster = new TestCluster({}, 4).change("node-2", { role: "stand-by" });
    cluster.change("node-4", { member: "connection-refused" }).run(1);
    expect(quorumRule.judge(contextOf(cluster))).toBeNull();
  });

  test("kubelite's restart: it is no member", () => {
    expect(judge(["none", "none", "none"], 1, "kubelite")).toBeNull();
  });
});
