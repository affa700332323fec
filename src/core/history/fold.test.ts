import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { known, unknown } from "../model/observed.ts";
import type { Observation } from "../model/observation.ts";
import { TestCluster } from "../test-cluster.ts";
import { START_MS, unitState } from "../test-node.ts";
import { advance, askedMembers, emptySnapshot, fold } from "./fold.ts";

const NODES = ["node-1", "node-2", "node-3"];
const empty = emptySnapshot(NODES, START_MS);

function store(atMs: number, reading: Extract<Observation, { kind: "store-read" }>["reading"]): Observation {
  return { node: "node-2", atMs, kind: "store-read", reading };
}

function metrics(atMs: number, pollQueries: number, otherQueries: number): Observation {
  const reading = known({ pollQueries, otherQueries, failedTransactions: 0 });
  return { node: "node-2", atMs, kind: "datastore-metrics", reading };
}

function unit(role: "datastore" | "kubelite", mainPid: number): Observation {
  return { node: "node-2", atMs: START_MS, kind: "unit", role, reading: known(unitState({ mainPid })) };
}

describe("fold", () => {
  test("changes only the node that was observed", () => {
    const seen = fold(empty, { node: "node-2", atMs: START_MS + 5, kind: "stopped-on-purpose", reading: known(true) });
    expect(seen.nodes[1]?.stoppedOnPurpose).toEqual({ known: true, value: true, observedAtMs: START_MS + 5 });
    expect([seen.nodes[0], seen.nodes[2]]).toEqual([empty.nodes[0], empty.nodes[2]]);
  });

  test("does not change the snapshot it is given", () => {
    const before = JSON.stringify(empty);
    fold(empty, store(START_MS + 1, known({ revision: 1, latencyMs: 1 })));
    expect(JSON.stringify(empty)).toBe(before);
  });

  test("leaves out what is told of nodes that the snapshot does not know", () => {
    const seen = fold(empty, {
      node: "stranger",
      atMs: START_MS + 5,
      kind: "stopped-on-purpose",
      reading: known(true),
    });
    expect(seen.nodes).toEqual(empty.nodes);
  });

  test("never goes back in time: what is stamped earlier is folded in at the snapshot's time", () => {
    const late = fold(advance(empty, START_MS + 1000), store(START_MS, known({ revision: 1, latencyMs: 1 })));
    expect(late.nowMs).toBe(START_MS + 1000);
    expect(late.nodes[1]?.store?.last.observedAtMs).toBe(START_MS + 1000);
    expect(advance(late, START_MS)).toBe(late);
  });

  test("keeps each unit apart by its role", () => {
    const units = [unit("datastore", 1), unit("kubelite", 2), unit("datastore", 3)].reduce(fold, empty).nodes[1]?.units;
    expect([units?.datastore, units?.kubelite].map((one) => one?.known === true && one.value.mainPid)).toEqual([3, 2]);
  });

  test("folds every observation of a long run into something that can be climbed, in any order", () => {
    const { observations } = new TestCluster().run(12);
    fc.assert(
      fc.property(fc.shuffledSubarray(observations, { maxLength: 200 }), (some) => {
        const snapshot = some.reduce(fold, empty);
        for (const { feed, store: track } of snapshot.nodes) {
          const owed = feed?.pending.map(({ revision }) => revision) ?? [];
          expect(owed).toEqual([...new Set(owed)].sort((a, b) => a - b));
          expect(Math.min(...owed, Infinity)).toBeGreaterThan(feed?.deliveredRevision ?? 0);
          expect(track?.movedAtMs ?? 0).toBeLessThanOrEqual(snapshot.nowMs);
        }
      }),
      { numRuns: 40 },
    );
  });
});

function served(atMs: number, revision: number): Observation {
  return store(START_MS + atMs, known({ revision, latencyMs: 4 }));
}

function failed(atMs: number, reason: "deadline" | "unreachable"): Observation {
  return store(START_MS + atMs, unknown(reason, ""));
}

function track(...seen: readonly Observation[]) {
  return seen.reduce(fold, empty).nodes[1]?.store;
}

describe("the store's track", () => {
  test("knows when the revision moved, and not from the first read on", () => {
    expect(track(served(0, 5))?.movedAtMs).toBeNull();
    expect(track(served(0, 5), served(1000, 5))?.movedAtMs).toBeNull();
    expect(track(served(0, 5), served(1000, 6), served(2000, 6))?.movedAtMs).toBe(START_MS + 1000);
  });

  test("counts an outage from its first failure, over failures of several kinds, to the first served read", () => {
    expect(track(served(0, 5), failed(1000, "deadline"), failed(3000, "deadline"))?.failingSinceMs).toBe(
      START_MS + 1000,
    );
    expect(track(failed(1000, "deadline"), served(2000, 5))?.failingSinceMs).toBeNull();
  });

  test("does not count the time in which we could not look", () => {
    expect(track(failed(1000, "unreachable"))?.failingSinceMs).toBeNull();
    expect(track(failed(1000, "unreachable"), failed(9000, "deadline"))?.failingSinceMs).toBe(START_MS + 9000);
  });

  test("keeps the last served read through an outage", () => {
    expect(track(served(0, 5), failed(1000, "deadline"))?.lastServed).toMatchObject({ revision: 5, atMs: START_MS });
  });
});

const since = (...seen: readonly Observation[]) => seen.reduce(fold, empty).nodes[1]?.metrics?.pollFlatSinceMs;

describe("the poll's counter", () => {
  test("is flat since the reading before the first one that showed it", () => {
    const [a, b, c] = [
      metrics(START_MS, 309, 10),
      metrics(START_MS + 2500, 309, 20),
      metrics(START_MS + 5000, 309, 30),
    ];
    expect(since(a, b)).toBe(START_MS);
    expect(since(a, b, c)).toBe(START_MS);
  });

  test.each([
    ["it moves", 310, 20],
    ["nothing else moves either", 309, 10],
    ["it fell, as after a restart", 2, 20],
  ])("is not flat when %s", (_, poll, other) => {
    expect(since(metrics(START_MS, 309, 10), metrics(START_MS + 2500, poll, other))).toBeNull();
  });

  test("is not flat over a reading that failed", () => {
    const gap: Observation = {
      node: "node-2",
      atMs: START_MS + 2500,
      kind: "datastore-metrics",
      reading: unknown("not-configured", ""),
    };
    expect(since(metrics(START_MS, 309, 10), gap, metrics(START_MS + 5000, 309, 30))).toBeNull();
  });
});

describe("the members", () => {
  test("are kept by address, whoever asked, and the node's own is known", () => {
    const { snapshot } = new TestCluster().run(1);
    expect(Object.keys(snapshot.members)).toHaveLength(3);
    expect(snapshot.nodes[2]?.ownMember).toBe("198.51.100.13:19001");
  });

  test("without a known id are handed on without one: it is not made up from the address", () => {
    const member = { id: null, address: "198.51.100.11:19001" };
    const seen: Observation = {
      node: "node-1",
      atMs: START_MS,
      kind: "dqlite",
      own: true,
      member,
      reading: unknown("deadline", ""),
    };
    expect(askedMembers(fold(empty, seen))[0]?.member).toEqual({ address: "198.51.100.11:19001" });
  });

  test("tell since when there is no leader, from the first that was asked to the first usable one", () => {
    const cluster = new TestCluster({ member: "none" }).run(5);
    expect(cluster.snapshot.leaderlessSinceMs).toBe(START_MS);
    expect(cluster.changeAll({ member: 2 }).run(1).snapshot.leaderlessSinceMs).toBeNull();
  });
});
