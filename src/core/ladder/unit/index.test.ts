import { describe, expect, test } from "vitest";
import type { UnitState } from "../../model/observation.ts";
import { known, unknown } from "../../model/observed.ts";
import { TestCluster } from "../../test-cluster.ts";
import { KUBELITE, type NodeShows, START_MS, unitState } from "../../test-node.ts";
import { STARTING_MS } from "../starting.ts";

const N2 = "node-2";

function datastore(change: Partial<UnitState>): Partial<NodeShows> {
  return { datastore: known(unitState(change)) };
}

function kubelite(change: Partial<UnitState>): Partial<NodeShows> {
  return { kubelite: known(unitState({ unit: KUBELITE, ...change })) };
}

function says(change: Partial<NodeShows>): string {
  return new TestCluster().change(N2, change).run(1).says("unit", N2);
}

describe("ok", () => {
  test("while both units are active, and the other nodes do not matter", () => {
    const cluster = new TestCluster().change("node-1", datastore({ activeState: "failed" })).run(1);
    expect(cluster.says("unit", N2)).toBe("ok active");
    expect(cluster.says("unit", "node-1")).toBe("broken failed");
  });

  test("while a unit reloads", () => {
    expect(says(datastore({ activeState: "reloading" }))).toBe("ok active");
  });

  test("after a start in the future, which only a skewed clock shows", () => {
    expect(says(datastore({ activeEnterAtMs: START_MS + 3_600_000 }))).toBe("ok active");
  });
});

describe("broken", () => {
  test.each([
    [{ activeState: "inactive", subState: "dead", result: "success" }, "broken stopped"],
    [{ activeState: "inactive", subState: "dead", result: "exit-code" }, "broken failed"],
    [{ activeState: "failed", subState: "failed", result: "exit-code" }, "broken failed"],
    [{ activeState: "maintenance" }, "broken failed"],
  ])("when a unit is %j: %s", (state, expected) => {
    expect(says(datastore(state))).toBe(expected);
    expect(says(kubelite(state))).toBe(expected);
  });

  test("when the stop marker is set, whatever the units say", () => {
    expect(says({ stopped: known(true) })).toBe("broken stopped-on-purpose");
    expect(says({ stopped: known(true), ...datastore({ activeState: "failed" }) })).toBe("broken stopped-on-purpose");
  });

  test("when one unit is down, though the other one could not be read or is starting", () => {
    const down = kubelite({ activeState: "failed" });
    expect(says({ ...down, datastore: unknown("deadline", "no answer") })).toBe("broken failed");
    expect(says({ ...down, ...datastore({ activeState: "activating" }) })).toBe("broken failed");
  });

  test("names the unit, its state and its result", () => {
    const cluster = new TestCluster().change(N2, kubelite({ activeState: "failed", result: "exit-code" })).run(1);
    expect(cluster.verdict("unit", N2).message).toBe(`${KUBELITE} is failed (running, result exit-code)`);
  });
});

describe("not broken, but degraded", () => {
  test.each(["activating", "deactivating"])(
    "while a unit is %s: somebody restarts it, or systemd does",
    (activeState) => {
      expect(says(datastore({ activeState, subState: "stop-sigterm" }))).toBe(`degraded ${activeState}`);
    },
  );

  test("for 15 s after a start: the wrapper sleeps 6 s, and the apiserver needs some more", () => {
    const cluster = new TestCluster().change(N2, datastore({ activeEnterAtMs: START_MS })).run(1);
    expect(cluster.history(STARTING_MS / 1000 + 5, "unit", N2)).toEqual(["degraded starting", "ok active"]);
  });
});

describe("unknown", () => {
  test("before systemd answered, and says what it waits for", () => {
    expect(new TestCluster().verdict("unit", N2)).toMatchObject({
      reason: "not-read-yet",
      waitingFor: "systemd's answer",
    });
  });

  test.each([
    ["datastore", { datastore: unknown("permission-denied", "sudo asks for a password") }],
    ["kubelite", { kubelite: unknown("unreachable", "no route to host") }],
  ] as const)("when the %s unit cannot be read: never ok", (_, change) => {
    expect(says(change)).toMatch(/^unknown (permission-denied|unreachable)$/);
  });
});

test("shows the InvocationID and for how long each unit runs", () => {
  const { evidence } = new TestCluster().run(1).verdict("unit", N2);
  expect(evidence.map(({ what }) => what)).toEqual([
    "systemd: snap.microk8s.daemon-k8s-dqlite",
    `systemd: ${KUBELITE}`,
  ]);
  expect(evidence[0]?.value).toMatch(/^active \(running\) for 60 min \d s, InvocationID 0+1$/);
});
