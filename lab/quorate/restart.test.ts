import { describe, expect, test } from "vitest";
import type { RestartOutcome, RestartRequest } from "../../src/ports/node-taps.ts";
import { STOP_MARKER_PATH } from "../world/units.ts";
import { UNITS } from "../world/world.ts";
import { FENCE_FILE } from "./restart.ts";
import { createTestCluster, type TestCluster } from "./test-cluster.ts";

const NODE = "k8s02";

function idOf({ world }: TestCluster): string {
  return world.node(NODE).host.systemd.state(UNITS.datastore).invocationId ?? "";
}

function restart(cluster: TestCluster, change: Partial<RestartRequest> = {}): Promise<RestartOutcome> {
  const request = { role: "datastore", expectedInvocationId: idOf(cluster), token: 7, deadlineMs: 45_000, ...change };
  return cluster.taps(NODE).restart(request as RestartRequest);
}

test("restarts once, leaves the token behind, and tells the new InvocationID", async () => {
  const cluster = await createTestCluster();
  const before = idOf(cluster);
  const outcome = await cluster.settled(restart(cluster));
  expect(outcome).toEqual({ outcome: "restarted", invocationId: idOf(cluster) });
  expect(idOf(cluster)).not.toBe(before);
  expect(cluster.world.node(NODE).host.files.get(FENCE_FILE)).toBe("7");
  expect(cluster.events.map(({ kind }) => kind)).toEqual(["restart-asked", "restart-answered"]);
});

describe("is refused, with nothing done,", () => {
  test.each<[string, (cluster: TestCluster) => Partial<RestartRequest>, string]>([
    [
      "with a token that is older than one seen",
      ({ world }) => (world.node(NODE).host.files.set(FENCE_FILE, "8"), {}),
      "stale-token",
    ],
    [
      "on a node that a person stopped",
      ({ world }) => (world.node(NODE).host.files.set(STOP_MARKER_PATH, ""), {}),
      "stopped-on-purpose",
    ],
    ["when the unit was restarted since", () => ({ expectedInvocationId: "0".repeat(32) }), "already-restarted"],
  ])("%s", async (_, prepare, reason) => {
    const cluster = await createTestCluster();
    const change = prepare(cluster);
    const before = idOf(cluster);
    expect(await cluster.settled(restart(cluster, change))).toMatchObject({ outcome: "refused", reason });
    expect(idOf(cluster)).toBe(before);
  });

  test("when the unit does not run", async () => {
    const cluster = await createTestCluster();
    cluster.world.node(NODE).host.systemd.stop(UNITS.datastore, "operator");
    await cluster.pass(40);
    expect(await cluster.settled(restart(cluster))).toMatchObject({ outcome: "refused", reason: "not-active" });
  });
});

test("of two at once with the same InvocationID one restarts", async () => {
  const cluster = await createTestCluster();
  const outcomes = await cluster.settled(Promise.all([restart(cluster), restart(cluster, { token: 8 })]));
  expect(outcomes.map((one) => (one.outcome === "refused" ? one.reason : one.outcome)).sort()).toEqual([
    "already-restarted",
    "restarted",
  ]);
});

test("is indeterminate when the answer is lost, and may have happened", async () => {
  const cluster = await createTestCluster();
  const before = idOf(cluster);
  const asked = restart(cluster);
  cluster.world.sim.after(250, () => cluster.world.network.cut(NODE, "ops"));
  expect(await cluster.settled(asked)).toMatchObject({ outcome: "indeterminate" });
  expect(idOf(cluster)).not.toBe(before);
});

test("certainly did nothing when the node could not be reached at all", async () => {
  const cluster = await createTestCluster();
  cluster.world.network.cut("ops", NODE);
  expect(await cluster.settled(restart(cluster))).toMatchObject({
    outcome: "failed",
    detail: expect.stringContaining("nothing was done"),
  });
});

test("a fence is gone after a boot, as every InvocationID is", async () => {
  const cluster = await createTestCluster();
  const { host } = cluster.world.node(NODE);
  host.files.set(FENCE_FILE, "99");
  host.powerOff();
  host.powerOn(30_000);
  await cluster.pass(120);
  expect(await cluster.settled(restart(cluster))).toMatchObject({ outcome: "restarted" });
});
