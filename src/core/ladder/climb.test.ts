import { describe, expect, test } from "vitest";
import { known, unknown } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { LEASES, unitState } from "../test-node.ts";
import { worst } from "./climb.ts";

const DEAD = { feed: "dead", caches: { [LEASES]: "frozen", pods: "frozen" } } as const;

describe("a healthy cluster", () => {
  test("has no cause, and nothing to wait for", () => {
    const { state, causes, waitingFor } = new TestCluster().run(10).ladder;
    expect({ state, causes, waitingFor }).toEqual({ state: "ok", causes: [], waitingFor: [] });
  });

  test("stays without a finding for two minutes", () => {
    const cluster = new TestCluster({ deliveryMs: 1600 }).run(10);
    for (let second = 0; second < 120; second += 1) expect(cluster.run(1).ladder.state).toBe("ok");
  });

  test("is decided within 8 s of the first look, also when delivery is slow", () => {
    expect(new TestCluster({ deliveryMs: 1600 }).run(8).ladder).toMatchObject({ state: "ok", waitingFor: [] });
  });
});

describe("too few voters to spare one", () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, null],
    [4, null],
  ])("%i voters: the cause says %s", (size, told) => {
    const cluster = new TestCluster({}, size).run(10).change("node-1", DEAD).run(10);
    expect(cluster.cause("node-1")).toMatchObject({ rung: "feed", votersTooFew: told });
  });

  test("is no matter of a stand-by: its restart takes no vote", () => {
    const cluster = new TestCluster({}, 3)
      .change("node-2", { role: "stand-by" })
      .run(10)
      .change("node-2", DEAD)
      .run(10);
    expect(cluster.cause("node-2")).toMatchObject({ rung: "feed", votersTooFew: null });
    expect(cluster.change("node-1", DEAD).run(10).cause("node-1")).toMatchObject({ rung: "feed", votersTooFew: 2 });
  });

  test("is not claimed while the members are not known", () => {
    const unread = { member: "permission-denied" } as const;
    const cluster = new TestCluster({}, 1).change("node-1", unread).run(10).change("node-1", DEAD).run(10);
    expect(cluster.cause("node-1")).toMatchObject({ rung: "feed", votersTooFew: null, unknownBelow: ["quorum"] });
  });
});

describe("the lowest broken rung", () => {
  test("is the cause, and what stands above it is consequence", () => {
    const cluster = new TestCluster().run(10).change("node-2", DEAD).run(15);
    expect(cluster.ladder.causes).toMatchObject([
      { node: "node-2", rung: "feed", consequences: ["cache"], unknownBelow: [] },
    ]);
    expect(cluster.ladder.state).toBe("broken");
  });

  test("is not named for rungs above it: a failed unit makes everything else consequence", () => {
    const down = { datastore: known(unitState({ activeState: "failed" })), member: "connection-refused" } as const;
    const cluster = new TestCluster()
      .run(10)
      .change("node-2", { ...DEAD, ...down, store: "not-found" })
      .run(30);
    expect(cluster.cause("node-2")).toMatchObject({ rung: "unit", consequences: ["quorum", "store", "feed", "cache"] });
  });

  test("names what is unknown below it: the cause may lie there", () => {
    const cluster = new TestCluster()
      .run(10)
      .change("node-2", { ...DEAD, member: "unreachable" })
      .run(15);
    expect(cluster.cause("node-2")).toMatchObject({ rung: "feed", unknownBelow: ["quorum"] });
  });

  test("is found on each node by itself, the lowest rung first", () => {
    const cluster = new TestCluster().run(10).change("node-1", { caches: { pods: "frozen" } });
    cluster.change("node-3", DEAD).run(15);
    expect(cluster.ladder.causes.map(({ node, rung }) => `${node} ${rung}`)).toEqual(["node-3 feed", "node-1 cache"]);
    expect(cluster.cause("node-2")).toBeNull();
  });

  test("is the store and not the feed while the store is down everywhere, and no feed is called broken at its return", () => {
    const cluster = new TestCluster({ deliveryMs: 900 }).run(10.2).changeAll({ store: "deadline" });
    const causes = new Set<string>();
    for (let step = 0; step < 400; step += 1) {
      if (step === 300) cluster.changeAll({ store: "served" });
      for (const { rung } of cluster.run(0.1).ladder.causes) causes.add(rung);
    }
    expect([...causes]).toEqual(["store"]);
  });
});

describe("unknown", () => {
  test("is never healthy: a node that cannot be read keeps the whole from being ok", () => {
    const why = unknown("unreachable", "no route to host");
    const silent = {
      datastore: why,
      kubelite: why,
      stopped: why,
      member: "unreachable",
      store: "unreachable",
    } as const;
    const cluster = new TestCluster()
      .run(10)
      .change("node-3", { ...silent, feed: "silent", caches: {} })
      .run(30);
    expect(cluster.ladder.state).toBe("unknown");
    expect(cluster.says("feed", "node-3")).toMatch(/^unknown/);
  });

  test("is the state before anything was read, with all that it waits for", () => {
    const { state, waitingFor } = new TestCluster().ladder;
    expect(state).toBe("unknown");
    expect(waitingFor).toContain("node-1: systemd's answer");
    expect(waitingFor).toContain("node-3: a first LIST of each resource");
  });

  test("above a named cause is not worth waiting for", () => {
    const cluster = new TestCluster({ caches: {} }).run(10).change("node-2", { feed: "dead" }).run(10);
    expect(cluster.ladder.waitingFor.filter((text) => text.startsWith("node-2"))).toEqual([]);
    expect(cluster.ladder.waitingFor).toContain("node-1: a first LIST of each resource");
  });
});

test.each([
  [[], "unknown"],
  [["ok", "ok"], "ok"],
  [["ok", "degraded"], "degraded"],
  [["degraded", "unknown", "ok"], "unknown"],
  [["unknown", "broken", "degraded"], "broken"],
] as const)("the worst of %j is %s", (states, expected) => {
  expect(worst(states)).toBe(expected);
});
