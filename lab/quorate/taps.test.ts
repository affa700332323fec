import { describe, expect, test } from "vitest";
import { STOP_MARKER_PATH } from "../world/units.ts";
import { UNITS } from "../world/world.ts";
import { createTestCluster, type TestCluster } from "./test-cluster.ts";

const RESOURCE = "leases.coordination.k8s.io";

/** Every read of one node. */
function readsOf(cluster: TestCluster, node: string) {
  const taps = cluster.taps(node);
  const { address, id } = cluster.world.node(node).member.state();
  return {
    unit: () => taps.readUnit("datastore", 4000),
    marker: () => taps.readStopMarker(4000),
    members: () => taps.readMembers(4000),
    member: () => taps.askMember({ id, address }, 2000),
    revision: () => taps.readRevision(1500),
    cache: () => taps.readCache(RESOURCE, 7000),
    lease: () => taps.readLease("kube-system", "kube-scheduler", 3000),
    readyz: () => taps.readReadyz(3000),
    lock: () => taps.lock.read(5000),
    lockErrors: () => taps.countLockErrors(300_000, 5000),
  } as const;
}

describe.each(["ops", "k8s02"])("from %s", (from) => {
  test("a healthy node answers every tap with what is so", async () => {
    const cluster = await createTestCluster(from);
    const reads = readsOf(cluster, "k8s02");
    const { world } = cluster;
    for (const [name, read] of Object.entries(reads)) {
      expect(await cluster.settled<unknown>(read()), name).toMatchObject({ known: true });
    }
    const { invocationId } = world.node("k8s02").host.systemd.state(UNITS.datastore);
    expect(await cluster.settled(reads.unit())).toMatchObject({ value: { activeState: "active", invocationId } });
    const leader = world.node(world.dqlite.leader() ?? "").member.state().id;
    expect(await cluster.settled(reads.member())).toMatchObject({ value: { leader: { id: leader } } });
    expect(await cluster.settled(reads.lock())).toMatchObject({ value: { holder: null } });
    expect(await cluster.settled(reads.marker())).toMatchObject({ value: false });
    world.node("k8s02").host.files.set(STOP_MARKER_PATH, "");
    expect(await cluster.settled(reads.marker())).toMatchObject({ value: true });
  });

  test("a datastore that is down refuses, and its units and files are still read", async () => {
    const cluster = await createTestCluster(from);
    const reads = readsOf(cluster, "k8s02");
    cluster.world.node("k8s02").host.systemd.stop(UNITS.datastore, "operator");
    await cluster.pass(40);
    expect(await cluster.settled(reads.unit())).toMatchObject({ known: true, value: { activeState: "inactive" } });
    expect(await cluster.settled(reads.revision())).toMatchObject({ known: false, reason: "connection-refused" });
    expect(await cluster.settled(reads.member())).toMatchObject({ known: false, reason: "connection-refused" });
    expect(await cluster.settled(reads.members())).toMatchObject({ known: true });
  });

  test("a frozen datastore accepts and never answers", async () => {
    const cluster = await createTestCluster(from);
    const reads = readsOf(cluster, "k8s02");
    cluster.stopProgram("k8s02", "datastore");
    const sinceMs = cluster.world.sim.nowMs();
    expect(await cluster.settled(reads.revision())).toMatchObject({ known: false, reason: "deadline" });
    expect(cluster.world.sim.nowMs() - sinceMs).toBe(1500);
    expect(await cluster.settled(reads.member())).toMatchObject({ known: false, reason: "deadline" });
    expect(await cluster.settled(reads.unit())).toMatchObject({ known: true });
  });
});

test("a node that cannot be reached is unreachable: at once without a login, and after the connection was lost", async () => {
  const cluster = await createTestCluster();
  const reads = readsOf(cluster, "k8s02");
  await cluster.settled(reads.unit());
  cluster.world.network.cut("ops", "k8s02");
  expect(await cluster.settled(reads.revision())).toMatchObject({ reason: "deadline" });
  await cluster.pass(25);
  expect(await cluster.settled(reads.revision())).toMatchObject({ reason: "unreachable" });
  const fresh = readsOf(cluster, "k8s02");
  expect(await cluster.settled(fresh.unit())).toMatchObject({ reason: "unreachable" });
  cluster.world.network.heal("ops", "k8s02");
  await cluster.pass(10);
  expect(await cluster.settled(reads.revision())).toMatchObject({ known: true });
});

test("members of other nodes are asked from the node that is named, over the nodes' own network", async () => {
  const cluster = await createTestCluster();
  const { world } = cluster;
  const { address, id } = world.node("k8s03").member.state();
  const ask = (from: string) => cluster.settled(cluster.taps(from).askMember({ id, address }, 2000));
  world.network.cut("ops", "k8s03");
  expect(await ask("k8s01")).toMatchObject({ known: true });
  world.network.cut("k8s01", "k8s03");
  expect(await ask("k8s01")).toMatchObject({ known: false, reason: "deadline" });
  expect(await ask("k8s02")).toMatchObject({ known: true });
});

test("a Watch tells of heartbeats and answers progress, until the datastore ends", async () => {
  const cluster = await createTestCluster();
  const seen: string[] = [];
  const watch = cluster.taps("k8s02").watchLeases({
    onCreated: () => seen.push("created"),
    onEvents: () => seen.push("event"),
    onProgress: () => seen.push("progress"),
    onEnd: (reason) => seen.push(`end ${reason}`),
  });
  await cluster.pass(15);
  watch.requestProgress();
  await cluster.pass(2);
  expect(seen[0]).toBe("created");
  expect(seen).toContain("event");
  expect(seen).toContain("progress");
  cluster.world.node("k8s02").host.systemd.kill(UNITS.datastore, "KILL");
  await cluster.pass(2);
  expect(seen.at(-1)).toBe("end protocol");
});

test("a Watch at a datastore that is frozen ends by its keepalive", async () => {
  const cluster = await createTestCluster();
  const ends: string[] = [];
  cluster.taps("k8s02").watchLeases({
    onCreated: ignore,
    onEvents: ignore,
    onProgress: ignore,
    onEnd: (reason) => ends.push(reason),
  });
  await cluster.pass(2);
  cluster.stopProgram("k8s02", "datastore");
  await cluster.pass(20);
  expect(ends).toEqual(["deadline"]);
});

test("the restart lock is the production one: of two takers one loses, and a write is told", async () => {
  const cluster = await createTestCluster();
  const [one, other] = [cluster.taps("k8s01").lock, cluster.taps("k8s02").lock];
  const results = await cluster.settled(Promise.all([one.take("a/1", 5000), other.take("b/2", 5000)]));
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(["held", "lost-race"]);
  expect(cluster.events.filter(({ kind }) => kind === "write").length).toBeGreaterThanOrEqual(2);
});

test("lock failures are counted in the datastore's own lines, and not in a pod's", async () => {
  const cluster = await createTestCluster();
  const { journal } = cluster.world.node("k8s02").host;
  const line = 'level=error msg="error in txn" error="exec (try: 500): database is locked"';
  journal.printAsPod("forger", line);
  const count = () => cluster.settled(cluster.taps("k8s02").countLockErrors(300_000, 5000));
  expect(await count()).toMatchObject({ value: 0 });
  journal.print({ unit: UNITS.datastore, identifier: "microk8s.daemon-k8s-dqlite", pid: 1 }, line);
  expect(await count()).toMatchObject({ value: 1 });
});

function ignore(): void {
  // Only the end is looked at.
}
