import { describe, expect, test } from "vitest";
import { known } from "../../../model/observed.ts";
import { TestCluster } from "../../../test-cluster.ts";
import { LEASES } from "../../../test-node.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { EVIDENCE_MAX_AGE_MS, freshEvidenceRule } from "./index.ts";

function message(cluster: TestCluster, change = {}): string | null {
  return freshEvidenceRule.judge(contextOf(cluster, change))?.message ?? null;
}

describe("permits", () => {
  test("what was read just now", () => {
    expect(message(deadFeed())).toBeNull();
  });

  test("evidence up to its age, and nothing older", () => {
    const cluster = deadFeed()
      .run(0.1)
      .pass(EVIDENCE_MAX_AGE_MS / 1000 - 1);
    expect(message(cluster)).toBeNull();
    expect(freshEvidenceRule.judge(contextOf(cluster.pass(1)))).toMatchObject({ reason: "stale" });
  });
});

describe("refuses, and names what is old", () => {
  test("a lock that was read too long ago", () => {
    const cluster = deadFeed();
    const lock = { ...known({ holder: null, token: 5 }), observedAtMs: cluster.nowMs - EVIDENCE_MAX_AGE_MS - 1 };
    expect(message(cluster, { lock })).toMatch(/: the lock$/);
  });

  test("everything, when nothing was ever read", () => {
    const said = message(new TestCluster()) ?? "";
    for (const what of [
      "the stop marker",
      "the store",
      "the datastore unit of node-2",
      "the kubelite unit of node-3",
    ]) {
      expect(said).toContain(what);
    }
  });

  test.each([
    ["feed-progress", "the feed"],
    ["store-read", "the store"],
    ["stopped-on-purpose", "the stop marker"],
  ])("a tap for %s that fell silent while all others go on", (kind, what) => {
    const cluster = deadFeed();
    const replay = new TestCluster();
    for (const seen of cluster.run(20).observations) {
      const isSilent = seen.node === "node-2" && seen.kind === kind && seen.atMs > cluster.nowMs - 15_000;
      if (isSilent) continue;
      replay.nowMs = seen.atMs;
      replay.see(seen.node, seen);
    }
    expect(freshEvidenceRule.judge(contextOf(replay))?.message).toContain(what);
    expect(message(cluster)).toBeNull();
  });

  test("the frozen watch cache that the action is for, when it is not read any more", () => {
    const frozen = { [LEASES]: "follows", configmaps: "frozen" } as const;
    const cluster = new TestCluster({ caches: frozen }).run(15);
    expect(message(cluster)).toBeNull();
    cluster.change("node-2", { caches: { [LEASES]: "follows" } }).run(10);
    expect(message(cluster)).toMatch(/: the watch cache of configmaps$/);
  });
});
