import { describe, expect, test } from "vitest";
import { known, unknown } from "../../model/observed.ts";
import { TestCluster } from "../../test-cluster.ts";
import { HEALTHY, LEASES, START_REVISION } from "../../test-node.ts";
import { FEED_BEHIND_MS, FEED_STREAM_TRUSTED_MS, isFeedStreamDoubted } from "./index.ts";

const N2 = "node-2";

/** A node whose poll loop has ended: its feed is dead, and each watch cache of its apiserver with it. */
const DEAD = { feed: "dead", caches: { [LEASES]: "frozen", pods: "frozen", configmaps: "frozen" } } as const;

describe("ok", () => {
  test("while events arrive, on every node", () => {
    const cluster = new TestCluster().run(20);
    for (const node of ["node-1", N2, "node-3"]) expect(cluster.says("feed", node)).toBe("ok delivered");
  });

  test.each([100, 1100, 1600])(
    "while delivery takes %i ms: polling other nodes' writes takes up to 1.6 s",
    (deliveryMs) => {
      const cluster = new TestCluster({ deliveryMs }).run(5);
      expect(cluster.history(40, "feed", N2)).toEqual(["ok delivered"]);
    },
  );

  test("while one late event follows many prompt ones: below 3 s nothing alarms", () => {
    const cluster = new TestCluster().run(10).change(N2, { deliveryMs: 2800 });
    expect(cluster.history(40, "feed", N2)).toEqual(["ok delivered"]);
  });

  test("on a stream without progress replies, from Lease events alone", () => {
    const cluster = new TestCluster({ answersProgress: false }).run(5);
    expect(cluster.history(40, "feed", N2)).toEqual(["ok delivered"]);
  });
});

describe("broken", () => {
  test("when the store is ahead of what events and progress replies show for more than 3 s", () => {
    const cluster = new TestCluster().run(10).change(N2, DEAD).run(6);
    expect(cluster.says("feed", N2)).toBe("broken feed-behind-store");
    expect(cluster.says("feed", "node-1")).toBe("ok delivered");
    expect(cluster.says("feed", "node-3")).toBe("ok delivered");
  });

  test("within 10 s of its death, and by itself never takes it back", () => {
    const cluster = new TestCluster().run(10).change(N2, DEAD);
    expect(cluster.history(10, "feed", N2)).toEqual(["ok delivered", "broken feed-behind-store"]);
    expect(cluster.history(120, "feed", N2)).toEqual(["broken feed-behind-store"]);
  });

  test("when the feed was dead long before we looked", () => {
    const cluster = new TestCluster().change(N2, DEAD);
    expect(cluster.history(8, "feed", N2).at(-1)).toBe("broken feed-behind-store");
  });

  test("names both revisions, and the bound they were held against", () => {
    const cluster = new TestCluster().run(10).change(N2, DEAD).run(10);
    const { message, evidence } = cluster.verdict("feed", N2);
    expect(message).toMatch(/the store is at revision 706, its Watch shows revision 697 \(behind for \d+\.\d s\)$/);
    expect(evidence.map(({ what }) => what)).toContain("etcd WatchProgressRequest: last reply");
    expect(evidence.some(({ threshold }) => threshold === `behind for ${FEED_BEHIND_MS} ms`)).toBe(true);
  });

  test("after 15 s on a stream without progress replies, and not before", () => {
    const cluster = new TestCluster({ answersProgress: false }).run(10).change(N2, DEAD);
    cluster.run(15);
    expect(cluster.verdict("feed", N2).state).not.toBe("broken");
    expect(cluster.run(3).says("feed", N2)).toBe("broken feed-behind-store");
  });
});

describe("while a member is silent", () => {
  test("a stalled poll gets 23 s, since its query may hang on that member and go on when it answers", () => {
    const cluster = new TestCluster().run(10).change("node-1", { member: "deadline" }).change(N2, DEAD);
    expect(cluster.run(22).says("feed", N2)).toBe("unknown delivery-pending");
    expect(cluster.run(4).says("feed", N2)).toBe("broken feed-behind-store");
  });

  test("does not wait for one that has been gone for more than a minute", () => {
    const cluster = new TestCluster().run(10).change("node-1", { member: "deadline" }).run(60).change(N2, DEAD);
    expect(cluster.history(6, "feed", N2)).toEqual(["ok delivered", "broken feed-behind-store"]);
  });

  test("does not wait for one that is down, or that only we cannot reach", () => {
    for (const member of ["connection-refused", "unreachable"] as const) {
      const cluster = new TestCluster().run(10).change("node-1", { member }).change(N2, DEAD).run(6);
      expect(cluster.says("feed", N2)).toBe("broken feed-behind-store");
    }
  });
});

describe("on a stream of some age, which may be mute by itself", () => {
  const OLD_S = FEED_STREAM_TRUSTED_MS / 1000 + 10;

  test("does not call a feed broken when only our stream was mute", () => {
    const cluster = new TestCluster().run(OLD_S).muteStream(N2);
    expect(cluster.history(30, "feed", N2)).toEqual(["ok delivered", "unknown own-stream-doubted"]);
    expect(isFeedStreamDoubted(cluster.snapshot, N2)).toBe(true);
    expect(cluster.verdict("feed", N2).waitingFor).toContain("a new Watch");
    cluster.endStream(N2);
    expect(isFeedStreamDoubted(cluster.snapshot, N2)).toBe(false);
    expect(cluster.history(60, "feed", N2)).toEqual(["unknown no-heartbeat-seen", "ok delivered"]);
  });

  test("still calls it broken when the reopened stream is mute too, and stays with it however old that one gets", () => {
    const cluster = new TestCluster().run(OLD_S).change(N2, DEAD);
    expect(cluster.history(10, "feed", N2)).toEqual(["ok delivered", "unknown own-stream-doubted"]);
    expect(cluster.endStream(N2).history(7, "feed", N2).at(-1)).toBe("broken feed-behind-store");
    expect(cluster.history(3 * OLD_S, "feed", N2)).toEqual(["broken feed-behind-store"]);
  });

  test("without progress replies: doubted after their longer bound, and broken when the new one shows nothing either", () => {
    const cluster = new TestCluster({ answersProgress: false }).run(OLD_S).change(N2, DEAD);
    expect(cluster.run(18).says("feed", N2)).toBe("unknown own-stream-doubted");
    expect(cluster.endStream(N2).run(19).says("feed", N2)).toBe("broken feed-behind-store");
  });

  test("one that moves is late and not doubted", () => {
    const cluster = new TestCluster().run(OLD_S).change(N2, { feed: "silent" });
    for (let second = 0; second < 20; second += 1) {
      cluster.see(N2, { kind: "feed-progress", revision: START_REVISION + OLD_S + Math.floor(second / 2) }).run(1);
    }
    expect(cluster.says("feed", N2)).toBe("degraded feed-late");
    expect(isFeedStreamDoubted(cluster.snapshot, N2)).toBe(false);
  });

  test("a node that is not observed has no stream to doubt", () => {
    expect(isFeedStreamDoubted(new TestCluster().snapshot, "node-9")).toBe(false);
  });
});

describe("not broken, but unknown", () => {
  test("before anything was read", () => {
    expect(new TestCluster().verdict("feed", N2)).toMatchObject({
      state: "unknown",
      waitingFor: "a Watch at the datastore",
    });
  });

  test("while the store is idle: nothing had to be delivered", () => {
    const cluster = new TestCluster();
    cluster.writes = false;
    expect(cluster.history(60, "feed", N2)).toEqual(["unknown no-heartbeat-seen"]);
  });

  test("while a first revision is not delivered yet", () => {
    const cluster = new TestCluster({ deliveryMs: 2500 }).run(2.2);
    const { state, reason, waitingFor } = cluster.verdict("feed", N2);
    expect({ state, reason }).toEqual({ state: "unknown", reason: "delivery-pending" });
    expect(waitingFor).toMatch(/^delivery, or 15.0 s|^delivery, or 3.0 s/);
  });

  test("when our own tap hears nothing, however long: silence is not proof", () => {
    const cluster = new TestCluster().run(10).change(N2, { feed: "silent" });
    expect(cluster.history(60, "feed", N2)).toEqual(["ok delivered", "unknown delivery-pending"]);
  });

  test("when no tap sees anything any more", () => {
    const cluster = new TestCluster().run(10).pass(60);
    expect(cluster.verdict("feed", N2).state).toBe("unknown");
  });

  test("while no Watch can be opened, with the reason", () => {
    const cluster = new TestCluster().run(10).change(N2, { feed: "silent" }).endStream(N2).run(30);
    expect(cluster.verdict("feed", N2)).toMatchObject({ state: "unknown", reason: "server-error" });
  });

  test("right after a new stream was opened: what the old one owed is forgotten", () => {
    const cluster = new TestCluster().run(10).change(N2, DEAD).run(10);
    expect(cluster.says("feed", N2)).toBe("broken feed-behind-store");
    cluster.change(N2, HEALTHY).endStream(N2);
    expect(cluster.history(10, "feed", N2)).toEqual(["unknown no-heartbeat-seen", "ok delivered"]);
  });

  test("while the store cannot be read, though progress replies stay behind and a revision was owed", () => {
    const cluster = new TestCluster({ deliveryMs: 900 }).run(10.2);
    expect(cluster.snapshot.nodes[1]?.feed?.pending).toHaveLength(1);
    cluster.changeAll({ store: "deadline" });
    expect(cluster.history(60, "feed", N2)).toEqual(["ok delivered", "unknown delivery-pending"]);
    expect(cluster.says("store", N2)).toBe("broken reads-fail");
  });

  test("while the store cannot be read and nothing was owed: a reply that repeats an old revision is no proof", () => {
    const cluster = new TestCluster({ deliveryMs: 100 }).run(10).changeAll({ store: "deadline" });
    expect(cluster.history(60, "feed", N2)).toEqual(["ok delivered", "unknown no-heartbeat-seen"]);
  });

  test("in the first seconds after the store came back: the poll needs a tick", () => {
    const cluster = new TestCluster({ deliveryMs: 900 }).run(10.2).changeAll({ store: "deadline" }).run(30);
    cluster.changeAll({ store: "served", feed: "dead" });
    const returned = cluster.history(2, "feed", N2);
    cluster.changeAll({ feed: "alive" });
    expect([...returned, ...cluster.history(20, "feed", N2)]).toEqual(["unknown delivery-pending", "ok delivered"]);
  });
});

describe("degraded", () => {
  test("while a stream is far behind and moves: after a restart the poll replays minutes of history", () => {
    const cluster = new TestCluster().run(60).change(N2, { feed: "silent" }).endStream(N2);
    cluster.see(N2, { kind: "feed-stream", reading: known({ revision: START_REVISION }) });
    for (let revision = START_REVISION; revision < START_REVISION + 20; revision += 1) {
      cluster.see(N2, { kind: "feed-progress", revision }).run(1);
    }
    expect(cluster.says("feed", N2)).toBe("degraded feed-late");
  });

  test("but broken when it stops moving", () => {
    const cluster = new TestCluster().run(60).change(N2, { feed: "silent" }).endStream(N2);
    cluster.see(N2, { kind: "feed-stream", reading: known({ revision: START_REVISION }) });
    for (let second = 0; second < 7; second += 1) cluster.see(N2, { kind: "feed-progress", revision: 690 }).run(1);
    expect(cluster.says("feed", N2)).toBe("broken feed-behind-store");
  });
});

test("the poll's counter that stands still is told as evidence, and proves nothing by itself", () => {
  const cluster = new TestCluster().run(10);
  const metrics = (pollQueries: number, otherQueries: number) =>
    cluster.see(N2, {
      kind: "datastore-metrics",
      reading: known({ pollQueries, otherQueries, failedTransactions: 1 }),
    });
  metrics(309, 1000).run(2.5);
  metrics(309, 1010);
  const { state, evidence } = cluster.verdict("feed", N2);
  expect(state).toBe("ok");
  expect(evidence.map(({ what }) => what)).toContain("k8s-dqlite metric after_sql_limit");
  cluster.see(N2, { kind: "datastore-metrics", reading: unknown("not-configured", "metrics are off") });
  expect(cluster.verdict("feed", N2).evidence.map(({ what }) => what)).not.toContain(
    "k8s-dqlite metric after_sql_limit",
  );
});
