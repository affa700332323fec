import { describe, expect, test } from "vitest";
import { DEFAULT_ELECTION, MICROK8S_ELECTION } from "../kube/leader-election.ts";
import { UNITS } from "../world.ts";
import { createTestCluster, LEASES } from "./test-cluster.ts";
import { isConditionTrue, numberAt, textAt } from "./values.ts";

const KCM_LEASE = `${LEASES}/kube-controller-manager`;

/** A cluster in which somebody leads; how it ended is seen. */
async function setUp(election: typeof DEFAULT_ELECTION | typeof MICROK8S_ELECTION, nodes: number) {
  const cluster = createTestCluster({ election, nodes });
  const { nodes: all, sim, pass, holder } = cluster;
  const ends: { readonly node: string; readonly atMs: number; readonly status: number }[] = [];
  for (const { name, host } of all) {
    host.systemd.onChange(({ what, how }) => {
      if (what === "failed" && how?.code === "exited") ends.push({ node: name, atMs: sim.nowMs(), status: how.status });
    });
  }
  await pass(40_000);
  const lease = () => cluster.one("Lease", "kube-controller-manager");
  const overwrite = (spec: Record<string, string | number>) =>
    cluster.send({ method: "PATCH", path: KCM_LEASE, body: { spec } });
  return { ...cluster, ends, lease, overwrite, before: holder() };
}

describe("the controller manager's Lease", () => {
  test("overwritten, its holder ends kubelite with status 1 after 10 to 12 s with the default times", async () => {
    const { pass, overwrite, ends, sim, before, nodes } = await setUp(DEFAULT_ELECTION, 2);
    const startedAtMs = sim.nowMs();
    await overwrite({ holderIdentity: "intruder_1" });
    await pass(15_000);
    expect(ends.map(({ node, status }) => [node, status])).toEqual([[before, 1]]);
    expect((ends[0]?.atMs ?? 0) - startedAtMs).toBeGreaterThanOrEqual(9900);
    expect((ends[0]?.atMs ?? 0) - startedAtMs).toBeLessThanOrEqual(12_200);
    const { journal } = nodes.find(({ name }) => name === before)?.host ?? {};
    const lines = journal?.read({ fromMs: startedAtMs }).map(({ fields }) => fields["MESSAGE"]) ?? [];
    expect(lines.some((line) => line?.includes("leaderelection lost") === true)).toBe(true);
    expect(lines.some((line) => line?.includes('"Failed to renew lease"') === true)).toBe(true);
    expect(lines.some((line) => line?.includes("Main process exited, code=exited, status=1/FAILURE") === true)).toBe(
      true,
    );
  });

  test("overwritten, its holder ends within 32 s with MicroK8s's times, and another node leads after", async () => {
    const { pass, overwrite, ends, sim, before, lease } = await setUp(MICROK8S_ELECTION, 3);
    const startedAtMs = sim.nowMs();
    const transitions = numberAt(lease(), 0, "spec", "leaseTransitions");
    await overwrite({ holderIdentity: "intruder_1" });
    await pass(33_000);
    expect(ends.map(({ node, status }) => [node, status])).toEqual([[before, 1]]);
    expect((ends[0]?.atMs ?? 0) - startedAtMs).toBeGreaterThanOrEqual(29_900);
    await pass(40_000);
    expect(textAt(lease(), "spec", "holderIdentity")).toMatch(/^k8s0\d_/);
    expect(numberAt(lease(), 0, "spec", "leaseTransitions")).toBe(transitions + 1);
    expect(ends).toHaveLength(1);
  });

  test("deleted, its holder writes it anew at its next renewal and goes on", async () => {
    const { pass, send, ends, lease } = await setUp(DEFAULT_ELECTION, 2);
    const before = lease();
    await send({ method: "DELETE", path: KCM_LEASE });
    await pass(20_000);
    expect(ends).toEqual([]);
    expect(lease()?.spec?.["holderIdentity"]).toBe(before?.spec?.["holderIdentity"]);
    expect(lease()?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  test("emptied, its holder or a candidate takes it, and nobody exits because of it within a minute when it is the holder", async () => {
    const { pass, overwrite, ends, before, holder } = await setUp(MICROK8S_ELECTION, 1);
    await overwrite({ holderIdentity: "" });
    await pass(60_000);
    expect(ends).toEqual([]);
    expect(holder()).toBe(before);
  });

  test("a record that says an hour locks everybody out; deleting it lets them in", async () => {
    const { pass, overwrite, send, holder } = await setUp(DEFAULT_ELECTION, 2);
    await overwrite({ holderIdentity: "intruder_1", leaseDurationSeconds: 3600 });
    await pass(100_000);
    expect(holder()).toBe("intruder");
    await send({ method: "DELETE", path: KCM_LEASE }, 1);
    await pass(6000);
    expect(holder()).toMatch(/^k8s0/);
  });
});

test("kubelite ends as a whole: its apiserver refuses after, and systemd starts it again", async () => {
  const { overwrite, pass, nodes, before } = await setUp(DEFAULT_ELECTION, 2);
  const node = nodes.find(({ name }) => name === before);
  const first = node?.host.systemd.process(UNITS.kubelite);
  await overwrite({ holderIdentity: "intruder_1" });
  await pass(20_000);
  expect(first?.state).toBe("ended");
  expect(node?.host.systemd.state(UNITS.kubelite)).toMatchObject({ activeState: "active", restarts: 1 });
  expect(node?.host.systemd.process(UNITS.kubelite)).not.toBe(first);
  expect(node?.apiserver.port.listener).toBe(node?.host.systemd.process(UNITS.kubelite));
});

test("the kubelet gives its apiserver 360 s, and then ends kubelite", async () => {
  const { nodes, pass } = createTestCluster({ nodes: 1 });
  const [node] = nodes;
  // An apiserver that never listens.
  Object.defineProperty(node?.apiserver.port, "listener", { get: () => null, set: ignore });
  await pass(355_000);
  expect(node?.host.systemd.state(UNITS.kubelite)).toMatchObject({ activeState: "active", restarts: 0 });
  await pass(10_000);
  expect(node?.host.systemd.state(UNITS.kubelite).restarts).toBe(1);
});

test("heartbeats: each node's Lease every 10 s, its status every 5 min", async () => {
  const { pass, nodes, all } = createTestCluster({ nodes: 3 });
  await pass(30_000);
  for (const { apiserver } of nodes) apiserver.writes.length = 0;
  await pass(600_000);
  for (const { name, apiserver } of nodes) {
    const count = (part: string) => apiserver.writes.filter((write) => write.endsWith(part)).length;
    expect(count(`/kube-node-lease/leases/${name}`)).toBe(60);
    expect(count(`/nodes/${name}/status`)).toBe(2);
  }
  expect(all("Node").every((node) => isConditionTrue(node, "Ready"))).toBe(true);
});

function ignore(): void {
  // A port that nobody listens on.
}
