import { describe, expect, test } from "vitest";
import { createWarmWorld } from "../warm-world.ts";
import { type ClusterSpec, type LabNode, OPERATOR_MACHINE, UNITS, type World } from "../world.ts";
import type { ApiRequest, ApiResponse } from "./apiserver.ts";
import { field } from "./object.ts";

const START_MS = Date.UTC(2026, 5, 24, 20, 0);
const LEASES = "/apis/coordination.k8s.io/v1/leases";
const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";
const SPEC: ClusterSpec = {
  nodes: [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `172.22.22.${5 + at}` })),
  release: "1.35",
  workload: "idle",
};

interface Answered {
  readonly status: number;
  readonly revision: number;
  readonly ms: number;
  readonly body: ApiResponse["body"];
}

/** The whole cluster, with a client on the operator's machine. */
async function cluster(seed: number) {
  const { driver, world } = await createWarmWorld({ seed, startMs: START_MS, spec: SPEC });
  const { sim } = driver;
  const client = world.host(OPERATOR_MACHINE).spawn("kubectl");
  const pass = (ms: number) => driver.runUntil(sim.nowMs() + ms);

  async function ask(node: LabNode, request: ApiRequest): Promise<Answered> {
    const startedAtMs = sim.nowMs();
    const answer = new Promise<ApiResponse>((resolve) =>
      node.apiserver.request(
        client,
        request,
        (response) => sim.settle(() => resolve(response)),
        (why) => sim.settle(() => resolve({ status: 0, body: why, dateMs: 0 })),
      ),
    );
    const { status, body } = await driver.drive(answer, startedAtMs + 120_000);
    const revision = Number(field(body, "metadata", "resourceVersion") ?? 0);
    return { status, body, revision, ms: sim.nowMs() - startedAtMs };
  }

  const list = (node: LabNode, path = LEASES, query: Readonly<Record<string, string>> = {}) =>
    ask(node, { method: "GET", path, query });
  return { world, sim, pass, ask, list };
}

type Cluster = Awaited<ReturnType<typeof cluster>>;

const CACHE = { resourceVersion: "0" };

/** The leader's process stands still for 30 s; which of the others' feeds died is drawn. */
async function afterPausedLeader(seed: number): Promise<Cluster & { readonly dead: readonly LabNode[] }> {
  const made = await cluster(seed);
  const leader = made.world.node(made.world.dqlite.leader() ?? "");
  leader.host.systemd.kill(UNITS.datastore, "STOP");
  await made.pass(30_000);
  leader.host.systemd.kill(UNITS.datastore, "CONT");
  await made.pass(40_000);
  return { ...made, dead: deadNodes(made.world) };
}

function deadNodes(world: World): readonly LabNode[] {
  return world.nodes.filter(({ datastore }) => !datastore.isPollAlive());
}

describe("a leader that stood still for 30 s", () => {
  test("kills a feed for good, and every health endpoint is green above it", async () => {
    const { dead, list, ask, pass, world } = await afterPausedLeader(1);
    const [node] = dead;
    if (node === undefined) throw new Error("no feed died");
    const cached = await list(node, LEASES, CACHE);
    await pass(60_000);
    expect(await list(node, LEASES, CACHE)).toMatchObject({ status: 200, revision: cached.revision });
    const latest = await list(node);
    expect(latest.revision).toBeGreaterThan(cached.revision);
    expect(latest.ms).toBeGreaterThanOrEqual(3000);
    expect(latest.ms).toBeLessThan(3200);
    for (const path of ["/readyz", "/livez", "/healthz"]) {
      expect(await ask(node, { method: "GET", path })).toMatchObject({ status: 200, body: "ok" });
    }
    for (const other of world.nodes.filter((one) => !dead.includes(one))) {
      const [fresh, all] = [await list(other, LEASES, CACHE), await list(other)];
      expect(all.revision - fresh.revision).toBeLessThan(5);
      expect(all.ms).toBeLessThan(2000);
    }
  });

  test("is cured by a restart of k8s-dqlite alone within 12 s, with kubelite untouched", async () => {
    const { dead, list, pass, sim } = await afterPausedLeader(1);
    const [node] = dead;
    if (node === undefined) throw new Error("no feed died");
    const { invocationId } = node.host.systemd.state(UNITS.kubelite);
    const cached = await list(node, LEASES, CACHE);
    node.host.systemd.restart(UNITS.datastore, "operator");
    const startedAtMs = sim.nowMs();
    while ((await list(node, LEASES, CACHE)).revision === cached.revision) {
      expect(sim.nowMs() - startedAtMs).toBeLessThan(14_000);
      await pass(250);
    }
    expect(sim.nowMs() - startedAtMs).toBeGreaterThan(6000);
    expect(node.host.systemd.state(UNITS.kubelite).invocationId).toBe(invocationId);
    await pass(5000);
    expect((await list(node)).ms).toBeLessThan(2000);
  });

  test("makes a restart of kubelite alone worse: it ends after about a minute at most, again and again", async () => {
    const { dead, pass, ask } = await afterPausedLeader(1);
    const [node] = dead;
    if (node === undefined) throw new Error("no feed died");
    const before = node.host.systemd.state(UNITS.kubelite).restarts;
    node.host.systemd.restart(UNITS.kubelite, "operator");
    await pass(30_000);
    expect(await ask(node, { method: "GET", path: "/readyz" })).toMatchObject({ status: 500 });
    await pass(120_000);
    expect(node.host.systemd.state(UNITS.kubelite).restarts).toBeGreaterThanOrEqual(before + 2);
    const lines = node.host.journal.read({ fromMs: 0 }).map(({ fields }) => fields["MESSAGE"] ?? "");
    expect(lines.filter((line) => /PostStartHook ".*" failed/.test(line)).length).toBeGreaterThan(1);
    node.host.systemd.restart(UNITS.datastore, "operator");
    await pass(60_000);
    expect(await ask(node, { method: "GET", path: "/readyz" })).toMatchObject({ status: 200 });
  });
});

/** Who leads the controllers: their identities begin with the node's name. */
function holdersOf(world: World): { readonly holders: readonly string[] } {
  const names = ["kube-controller-manager", "kube-scheduler"];
  const leases = names.map((name) => world.table.get(`/registry/leases/kube-system/${name}`));
  return { holders: leases.map((lease) => String(field(lease?.value, "spec", "holderIdentity"))) };
}

test("a kubelite that stood still under writes has one frozen resource, and a restart of k8s-dqlite cures it", async () => {
  const { world, ask, list, pass, sim } = await cluster(3);
  const { holders } = holdersOf(world);
  const two = world.nodes.find(({ name }) => !holders.some((holder) => holder.startsWith(name)));
  const one = world.nodes.find((node) => node !== two);
  if (one === undefined || two === undefined) throw new Error("every node holds a Lease");
  const data = { filling: "x".repeat(40_000) };
  two.host.systemd.kill(UNITS.kubelite, "STOP");
  const pausedAtMs = sim.nowMs();
  for (let made = 0; made < 703; made += 1) {
    const body = { metadata: { name: `filling-${made}` }, data };
    expect(await ask(one, { method: "POST", path: CONFIGMAPS, body })).toMatchObject({ status: 201 });
    await pass(200);
  }
  await pass(pausedAtMs + 150_000 - sim.nowMs());
  two.host.systemd.kill(UNITS.kubelite, "CONT");
  await pass(30_000);
  const cached = await list(two, CONFIGMAPS, CACHE);
  await ask(one, { method: "POST", path: CONFIGMAPS, body: { metadata: { name: "late" } } });
  await pass(10_000);
  expect(await list(two, CONFIGMAPS, CACHE)).toMatchObject({ status: 200, revision: cached.revision });
  expect((await list(two, CONFIGMAPS)).ms).toBeGreaterThanOrEqual(3000);
  expect(two.datastore.isPollAlive()).toBe(true);
  const leases = await list(two, LEASES, CACHE);
  await pass(10_000);
  expect((await list(two, LEASES, CACHE)).revision).toBeGreaterThan(leases.revision);
  expect(await ask(two, { method: "GET", path: "/readyz" })).toMatchObject({ status: 200 });
  two.host.systemd.restart(UNITS.datastore, "operator");
  await pass(20_000);
  expect((await list(two, CONFIGMAPS, CACHE)).revision).toBeGreaterThan(cached.revision);
  expect(await ask(two, { method: "GET", path: `${CONFIGMAPS}/late`, query: CACHE })).toMatchObject({ status: 200 });
});
