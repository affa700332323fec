import { describe, expect, test } from "vitest";
import { known } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { START_MS, unitState } from "../test-node.ts";

const N2 = "node-2";

/** The datastore of a node was restarted `agoMs` before the cluster is looked at, and nobody listens yet. */
function restarted(agoMs: number, restarts = 0): TestCluster {
  const datastore = known(unitState({ activeEnterAtMs: START_MS + 10_000 - agoMs, restarts }));
  return new TestCluster({}).run(2).change(N2, { datastore, member: "connection-refused", store: "not-found" }).run(8);
}

describe("while a node's datastore is starting", () => {
  test("its silent member and failing reads are undecided, not a cause", () => {
    const cluster = restarted(9000);
    expect(cluster.says("unit", N2)).toBe("degraded starting");
    expect(cluster.says("quorum", N2)).toBe("unknown starting");
    expect(cluster.says("store", N2)).toBe("unknown starting");
    expect(cluster.cause(N2)).toBeNull();
  });

  test("systemd's count of automatic restarts is told, so that a crash loop shows", () => {
    expect(restarted(9000, 57).verdict("unit", N2).message).toContain("57 automatic restarts so far");
  });

  test("it is waited for", () => {
    expect(restarted(9000).verdict("store", N2).waitingFor).toBe("the datastore to serve");
  });
});

test("a member that refuses is undecided for 3 s: systemd tells of a restart up to 2 s later", () => {
  const cluster = new TestCluster({}).run(10).change(N2, { member: "connection-refused" }).run(2);
  expect(cluster.says("quorum", N2)).toBe("unknown member-slow");
  expect(cluster.run(3).says("quorum", N2)).toBe("broken member-down");
});

describe("is no excuse", () => {
  test("once the time of a start is over", () => {
    const cluster = restarted(9000).run(8);
    expect(cluster.cause(N2)).toMatchObject({ rung: "quorum" });
  });

  test("for a quorum that is lost: that is more than this node", () => {
    const cluster = restarted(9000).change("node-1", { member: "connection-refused" }).run(2);
    expect(cluster.says("quorum", N2)).toBe("broken quorum-lost");
  });
});
