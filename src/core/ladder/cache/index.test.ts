import { describe, expect, test } from "vitest";
import { known, unknown } from "../../model/observed.ts";
import { TestCluster } from "../../test-cluster.ts";
import { type CacheShows, LEASES } from "../../test-node.ts";
import { CACHE_PROOF_MAX_AGE_MS } from "./index.ts";

const N2 = "node-2";

/** All caches healthy but the ones that are given. */
function caches(change: Record<string, CacheShows> = {}): { readonly caches: Record<string, CacheShows> } {
  return { caches: { [LEASES]: "follows", pods: "follows", configmaps: "idle", "cronjobs.batch": "idle", ...change } };
}

/** An apiserver before 1.31, or one without progress support: consistent LISTs come from storage at once. */
const OLD = { [LEASES]: "storage-follows", pods: "storage-idle", configmaps: "storage-idle" } as const;

/** One pair of LISTs as the tap tells it. */
function pair(resource: string, latest: { revision: number | null; latencyMs: number } | null, cache: number) {
  const reading = known({ resource, latest, cache: { revision: cache, latencyMs: 17 } });
  return { kind: "cache", resource, reading } as const;
}

describe("ok", () => {
  test("while every cache follows, busy and idle ones alike, and never undecided in between", () => {
    const cluster = new TestCluster(caches()).run(5);
    expect(cluster.history(60, "cache", N2)).toEqual(["ok following"]);
    expect(cluster.verdict("cache", N2).message).toBe("watch caches keep up");
  });

  test("for an idle k8s-dqlite resource whose cache stands still far below the store", () => {
    const cluster = new TestCluster(caches({ configmaps: "storage-idle" })).run(120);
    const { state, message } = cluster.verdict("cache", N2);
    expect(state).toBe("ok");
    expect(message).toBe(`watch caches keep up; judged only: cronjobs.batch, ${LEASES}, pods`);
  });

  test("on old apiservers, by the events on Leases alone: what is idle there is not judged", () => {
    const cluster = new TestCluster({ caches: OLD }).run(10);
    expect(cluster.history(60, "cache", N2)).toEqual(["ok following"]);
    expect(cluster.verdict("cache", N2).message).toBe(`watch caches keep up; judged only: ${LEASES}`);
  });

  test("after one slow LIST beside an old cache, once the next one is fast: the network was slow", () => {
    const cluster = new TestCluster({ caches: OLD }).run(20);
    cluster.see(N2, pair("pods", { revision: 706, latencyMs: 4000 }, 687));
    expect(cluster.says("cache", N2)).toBe("unknown cache-pending");
    expect(cluster.history(60, "cache", N2).filter((said) => said.startsWith("broken"))).toEqual([]);
  });
});

describe("broken", () => {
  test("names one frozen resource above a live feed, and no other", () => {
    const cluster = new TestCluster(caches())
      .run(10)
      .change(N2, caches({ configmaps: "frozen" }))
      .run(15);
    expect(cluster.verdict("cache", N2)).toMatchObject({
      state: "broken",
      reason: "cache-frozen",
      resources: ["configmaps"],
    });
    expect(cluster.verdict("cache", N2).message).toContain("stands still for configmaps:");
    expect(cluster.says("feed", N2)).toBe("ok delivered");
    expect(cluster.cause(N2)).toMatchObject({ rung: "cache", consequences: [], unknownBelow: [] });
    for (const node of ["node-1", "node-3"]) expect(cluster.says("cache", node)).toBe("ok following");
  });

  test("within 8 s of the first look, and stays so", () => {
    const cluster = new TestCluster(caches({ configmaps: "frozen" }));
    expect(cluster.history(8, "cache", N2).at(-1)).toBe("broken cache-frozen");
    expect(cluster.history(120, "cache", N2)).toEqual(["broken cache-frozen"]);
  });

  test("says so when every resource stands still", () => {
    const shows = caches({ [LEASES]: "frozen", pods: "frozen", configmaps: "frozen", "cronjobs.batch": "frozen" });
    const cluster = new TestCluster(shows).run(12);
    expect(cluster.verdict("cache", N2)).toMatchObject({ reason: "caches-frozen" });
    expect(cluster.verdict("cache", N2).message).toContain("all 4 resources that were read");
  });

  test("for an apiserver that gives up waiting with 504 and tells no revision", () => {
    const cluster = new TestCluster(caches({ pods: "gives-up" })).run(12);
    expect(cluster.verdict("cache", N2)).toMatchObject({ reason: "cache-frozen", resources: ["pods"] });
  });

  test("for Leases on an old apiserver, when the feed delivers what its cache never shows", () => {
    const cluster = new TestCluster({ caches: OLD }).run(10);
    cluster.change(N2, { caches: { ...OLD, [LEASES]: "storage-frozen" } }).run(15);
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "broken", resources: [LEASES] });
  });

  test("shows what was read, since when it stands, and the bound", () => {
    const cluster = new TestCluster(caches())
      .run(10)
      .change(N2, caches({ configmaps: "frozen" }))
      .run(15);
    expect(cluster.verdict("cache", N2).evidence).toMatchObject([
      {
        what: "LIST configmaps with resourceVersion=0",
        node: N2,
        threshold: expect.stringContaining("2 waits of 3 s in vain") as string,
      },
    ]);
  });
});

describe("not broken", () => {
  test("after one wait in vain: only a second one in a row is proof", () => {
    const cluster = new TestCluster({ caches: {} }).run(10);
    cluster.see(N2, pair("pods", { revision: 697, latencyMs: 3020 }, 690)).run(5);
    cluster.see(N2, pair("pods", null, 690));
    expect(cluster.says("cache", N2)).toBe("unknown cache-pending");
    cluster.see(N2, pair("pods", { revision: 699, latencyMs: 3020 }, 690));
    expect(cluster.says("cache", N2)).toBe("broken caches-frozen");
  });

  test("below 3 s after an event on the resource was delivered", () => {
    const cluster = new TestCluster({ caches: {} }).run(10.5);
    const read = pair(LEASES, { revision: 700, latencyMs: 20 }, 690);
    cluster.see(N2, read).run(0.4).run(2.8).see(N2, read);
    expect(cluster.says("cache", N2)).toBe("unknown cache-pending");
    cluster.run(0.4).see(N2, read);
    expect(cluster.says("cache", N2)).toBe("broken caches-frozen");
  });

  test("for an idle resource that one slow LIST made suspicious: the next LIST asks for progress and moves it", () => {
    const cluster = new TestCluster({ caches: {} }).run(10);
    cluster.see(N2, pair("pods", { revision: 697, latencyMs: 3020 }, 690)).run(60);
    expect(cluster.says("cache", N2)).toBe("unknown cache-pending");
    cluster.see(N2, pair("pods", { revision: 720, latencyMs: 20 }, 720));
    expect(cluster.says("cache", N2)).toBe("ok following");
  });

  test("when the cache reaches what it owed, however slow the LIST was", () => {
    const cluster = new TestCluster({ caches: {} }).run(10);
    cluster
      .see(N2, pair("pods", { revision: 697, latencyMs: 3900 }, 690))
      .run(2)
      .see(N2, pair("pods", null, 697));
    expect(cluster.says("cache", N2)).toBe("ok following");
  });

  test("when our own tap stops reading: an old reading proves nothing after it", () => {
    const cluster = new TestCluster({ caches: {} }).run(10);
    cluster.see(N2, pair("pods", { revision: 697, latencyMs: 3020 }, 690)).pass(60);
    expect(cluster.says("cache", N2)).toBe("unknown cache-pending");
  });

  test("for the time in which the store was down", () => {
    const cluster = new TestCluster({ caches: {} }).run(10);
    cluster.see(N2, pair("pods", { revision: 697, latencyMs: 3020 }, 690)).changeAll({ store: "deadline" });
    cluster.run(30).see(N2, pair("pods", null, 690));
    expect(cluster.verdict("cache", N2).state).toBe("unknown");
    cluster
      .changeAll({ store: "served" })
      .run(1)
      .see(N2, pair("pods", null, 690));
    expect(cluster.verdict("cache", N2).state).toBe("unknown");
  });
});

describe("unknown", () => {
  test("before anything was read", () => {
    expect(new TestCluster(caches()).verdict("cache", N2)).toMatchObject({ state: "unknown", reason: "not-read-yet" });
  });

  test("while one resource cannot be read, though all others follow", () => {
    const cluster = new TestCluster(caches()).run(10);
    cluster.see(N2, { kind: "cache", resource: "secrets", reading: unknown("permission-denied", "403 Forbidden") });
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "unknown", reason: "permission-denied" });
    expect(cluster.verdict("cache", N2).message).toBe("1 of 5 resources could not be read, secrets: 403 Forbidden");
  });

  test("but broken while another one is proven frozen: one that cannot be read takes nothing back", () => {
    const cluster = new TestCluster(caches({ pods: "frozen" })).run(15);
    cluster.see(N2, { kind: "cache", resource: "secrets", reading: unknown("deadline", "no answer") });
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "broken", resources: ["pods"] });
  });

  test("on an old apiserver until an event on Leases passed", () => {
    const cluster = new TestCluster({ caches: {} }).run(2);
    cluster.see(N2, pair(LEASES, { revision: 689, latencyMs: 20 }, 600));
    cluster.see(N2, pair("pods", { revision: 689, latencyMs: 20 }, 600));
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "unknown", reason: "not-proven" });
    cluster.run(1).see(N2, pair(LEASES, { revision: 690, latencyMs: 20 }, 690));
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "ok", reason: "following" });
  });

  test("when the last proof is old: a tap that hangs is no health", () => {
    const cluster = new TestCluster(caches()).run(10).pass(CACHE_PROOF_MAX_AGE_MS / 1000 + 4);
    expect(cluster.verdict("cache", N2)).toMatchObject({ state: "unknown", reason: "not-proven" });
  });
});
