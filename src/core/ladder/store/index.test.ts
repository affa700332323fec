import { describe, expect, test } from "vitest";
import { known, unknown } from "../../model/observed.ts";
import { TestCluster } from "../../test-cluster.ts";
import { unitState } from "../../test-node.ts";
import { LOCK_ERRORS_MAX, STORE_FAILING_MS } from "./index.ts";

const N2 = "node-2";

describe("ok", () => {
  test("while reads are served and writes pass", () => {
    const cluster = new TestCluster().run(3);
    expect(cluster.history(60, "store", N2)).toEqual(["ok served"]);
    expect(cluster.verdict("store", N2).message).toBe("reads are served in 4 ms");
  });

  test("again with the first read that is served", () => {
    const cluster = new TestCluster().run(5).change(N2, { store: "deadline" }).run(30);
    cluster.change(N2, { store: "served" });
    expect(cluster.history(10, "store", N2)).toEqual(["ok served"]);
  });

  test("below the number of lock errors that any leader change brings", () => {
    expect(new TestCluster({ lockErrors: LOCK_ERRORS_MAX - 1 }).run(3).says("store", N2)).toBe("ok served");
  });

  test("with a read that takes a second, and not more", () => {
    expect(new TestCluster({ storeLatencyMs: 1000 }).run(3).says("store", N2)).toBe("ok served");
    expect(new TestCluster({ storeLatencyMs: 1001 }).run(3).says("store", N2)).toBe("degraded reads-slow");
  });
});

describe("broken", () => {
  test.each(["deadline", "server-error", "connection-refused", "not-found"] as const)(
    "when reads fail with %s for more than 5 s, and not before: a leader change costs 3 to 6 s",
    (store) => {
      const cluster = new TestCluster().run(5).change(N2, { store });
      expect(cluster.history(STORE_FAILING_MS / 1000, "store", N2)).toEqual(["unknown reads-fail-briefly"]);
      expect(cluster.run(1).says("store", N2)).toBe("broken reads-fail");
      expect(cluster.says("store", "node-3")).toBe("ok served");
    },
  );

  test("shows the last read that was served", () => {
    const cluster = new TestCluster().run(5).change(N2, { store: "deadline" }).run(10);
    const last = cluster.verdict("store", N2).evidence.find(({ what }) => what === "last read that was served");
    expect(last?.value).toBe("revision 691, 11.0 s ago");
  });
});

describe("not broken, but unknown", () => {
  test("before the first read", () => {
    const verdict = new TestCluster().verdict("store", N2);
    expect(verdict).toMatchObject({
      state: "unknown",
      reason: "not-read-yet",
      waitingFor: "a first read of the store",
    });
  });

  test.each(["unreachable", "permission-denied", "tls", "protocol", "not-configured"] as const)(
    "when we cannot look (%s), however long: that says nothing about the store",
    (store) => {
      const cluster = new TestCluster().run(5).change(N2, { store }).run(120);
      expect(cluster.says("store", N2)).toBe(`unknown ${store}`);
    },
  );

  test("when nothing of the node answers, however long: the silence may be our own way's", () => {
    const silent = unknown("deadline", "no answer within 4000 ms");
    const cluster = new TestCluster().run(5).change(N2, { store: "deadline", datastore: silent, kubelite: silent });
    expect(cluster.run(60).says("store", N2)).toBe("unknown node-silent");
    cluster.change(N2, { datastore: known(unitState()) });
    expect(cluster.run(1).says("store", N2)).toBe("broken reads-fail");
  });

  test("when a first failure of the store follows a long time in which we could not look", () => {
    const cluster = new TestCluster().run(5).change(N2, { store: "unreachable" }).run(60);
    cluster.change(N2, { store: "deadline" });
    expect(cluster.history(4, "store", N2)).toEqual(["unknown reads-fail-briefly"]);
    expect(cluster.run(3).says("store", N2)).toBe("broken reads-fail");
  });
});

describe("degraded", () => {
  test("when nobody writes for 30 s: not even a Lease is renewed", () => {
    const cluster = new TestCluster().run(10);
    cluster.writes = false;
    expect(cluster.run(29).says("store", N2)).toBe("ok served");
    expect(cluster.run(3).says("store", N2)).toBe("degraded no-writes-seen");
  });

  test("from the number of lock errors on that counts as contention", () => {
    const cluster = new TestCluster({ lockErrors: LOCK_ERRORS_MAX }).run(3);
    expect(cluster.says("store", N2)).toBe("degraded writer-contended");
    expect(cluster.verdict("store", N2).message).toContain(
      `${LOCK_ERRORS_MAX} writes failed with "database is locked"`,
    );
  });

  test("does not hide that reads fail: contention is told only of a store that is served", () => {
    const cluster = new TestCluster({ lockErrors: 100 }).run(5).change(N2, { store: "deadline" }).run(10);
    expect(cluster.says("store", N2)).toBe("broken reads-fail");
  });
});

test("a read that fails once, between two that are served, breaks nothing", () => {
  const cluster = new TestCluster().run(5).change(N2, { store: "deadline" }).run(1).change(N2, { store: "served" });
  cluster.see(N2, { kind: "store-read", reading: known({ revision: 700, latencyMs: 4 }) });
  expect(cluster.history(20, "store", N2)).toEqual(["ok served"]);
});
