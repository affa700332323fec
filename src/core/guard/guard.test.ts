import { describe, expect, test } from "vitest";
import { known, unknown, type UnknownReason } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { KUBELITE, LEASES, type NodeShows, unitState } from "../test-node.ts";
import { guard } from "./guard.ts";
import { RULES } from "./registry.ts";
import { contextOf, DEAD_FEED, deadFeed, refusals } from "./test-context.ts";

const REASONS: readonly UnknownReason[] = ["deadline", "unreachable", "permission-denied", "tls", "protocol"];

/** Each tap of the node that an action rests on, as it looks when it cannot be read. */
function blind(why: UnknownReason): readonly (readonly [string, Partial<NodeShows>])[] {
  return [
    ["the datastore's unit", { datastore: unknown(why, "?") }],
    ["kubelite's unit", { kubelite: unknown(why, "?") }],
    ["the stop marker", { stopped: unknown(why, "?") }],
    ["the member", { member: why }],
    ["the store", { store: why }],
  ];
}

describe("permits", () => {
  test("the restart of the datastore of a node whose feed is dead, in an otherwise healthy cluster", () => {
    expect(refusals(contextOf(deadFeed()))).toEqual([]);
  });

  test("the same for one frozen watch cache above a live feed", () => {
    const caches = { [LEASES]: "follows", pods: "follows", configmaps: "frozen" } as const;
    expect(refusals(contextOf(new TestCluster().run(10).change("node-2", { caches }).run(15)))).toEqual([]);
  });

  test("kubelite's restart after the datastore's, when the rung is still broken", () => {
    const cluster = deadFeed();
    const action = { kind: "restart-unit", node: "node-2", role: "kubelite", unit: KUBELITE } as const;
    const pastActions = [{ node: "node-2", atMs: cluster.nowMs - 90_000 }];
    expect(refusals(contextOf(cluster, { action, pastActions }))).toEqual([]);
  });
});

describe("refuses", () => {
  test("with every rule that has a reason, not with the first one only", () => {
    const cluster = deadFeed().change("node-2", { stopped: known(true), lockErrors: 50 });
    cluster.change("node-3", { member: "connection-refused" }).run(5);
    const lock = { ...known({ holder: "ansible", token: 6 }), observedAtMs: cluster.nowMs - 60_000 };
    const pastActions = [1, 2, 3].map((minutes) => ({ node: "node-2", atMs: cluster.nowMs - minutes * 60_000 }));
    expect(refusals(contextOf(cluster, { lock, pastActions }))).toEqual([
      "stopped-on-purpose/marker-set",
      "lowest-rung/cause-is-unit",
      "quorum/majority-lost",
      "lock/lock-held",
      "writer-contended/contended",
      "fresh-evidence/stale",
      "budget/node-budget",
    ]);
  });

  test("everything, while nothing is known", () => {
    const said = refusals(contextOf(new TestCluster(), { lock: { ...unknown("not-read-yet", ""), observedAtMs: 0 } }));
    expect(said).toEqual([
      "stopped-on-purpose/marker-unknown",
      "lowest-rung/nothing-broken",
      "unknown-rung/unknown",
      "quorum/leader-unknown",
      "lock/lock-unknown",
      "fresh-evidence/stale",
    ]);
  });

  test.each(REASONS.flatMap((why) => blind(why).map(([tap, shows]) => [tap, why, shows] as const)))(
    "when %s of the node cannot be read (%s)",
    (_, __, shows) => {
      const cluster = new TestCluster()
        .run(10)
        .change("node-2", { ...DEAD_FEED, ...shows })
        .run(10);
      expect(refusals(contextOf(cluster))).not.toEqual([]);
    },
  );

  test.each(REASONS)("when another node's unit or member cannot be read (%s)", (why) => {
    for (const shows of [{ datastore: unknown(why, "?") }, { kubelite: unknown(why, "?") }, { member: why }]) {
      expect(refusals(contextOf(deadFeed().change("node-3", shows).run(10)))).not.toEqual([]);
    }
  });

  test("while two voters are down, for the store's and the quorum's sake", () => {
    const cluster = deadFeed().changeAll({ member: "connection-refused", store: "deadline" });
    cluster.change("node-2", { member: "none" }).run(10);
    expect(refusals(contextOf(cluster))).toEqual(["lowest-rung/cause-is-quorum", "quorum/no-usable-leader"]);
  });

  test("each refusal says what stands against it and what the operator can do", () => {
    for (const refusal of guard(contextOf(new TestCluster()))) {
      expect(refusal.message).not.toBe("");
      expect(refusal.next).not.toBe("");
      expect(refusal.reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  test("a second restart while the node of the first one has not stabilised", () => {
    const cluster = deadFeed();
    const justStarted = known(unitState({ activeEnterAtMs: cluster.nowMs - 20_000 }));
    cluster.change("node-1", { datastore: justStarted }).run(1);
    expect(refusals(contextOf(cluster))).toEqual(["one-at-a-time/restart-in-progress"]);
  });
});

test("asks every rule", () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});
