import { describe, expect, test } from "vitest";
import { createLeaderElection, DEFAULT_ELECTION, MICROK8S_ELECTION } from "./leader-election.ts";
import { field, isObject, type KubeObject } from "./object.ts";
import { createTestWorld, READY_MS, type TestNode, type TestWorld } from "./test-world.ts";
import { microTimeText } from "./time.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";

interface Candidate {
  readonly node: TestNode;
  readonly election: ReturnType<typeof createLeaderElection>;
  /** When it began and stopped to lead, ms since the epoch; null: not yet. */
  startedAtMs: number | null;
  stoppedAtMs: number | null;
  readonly lines: string[];
}

function run(
  world: TestWorld,
  node: TestNode,
  identity: string,
  times = DEFAULT_ELECTION as typeof DEFAULT_ELECTION | typeof MICROK8S_ELECTION,
) {
  const lines: string[] = [];
  const election = createLeaderElection({
    sim: world.sim,
    host: node.host,
    process: node.kubelite,
    apiserver: node.apiserver,
    name: "kube-controller-manager",
    identity,
    ...times,
    onStartedLeading: () => (candidate.startedAtMs = world.sim.nowMs()),
    onStoppedLeading: () => {
      candidate.stoppedAtMs = world.sim.nowMs();
      node.kubelite.end({ code: "exited", status: 1 });
    },
    print: (severity, source, text) => lines.push(`${severity} ${source}] ${text}`),
  });
  const candidate: Candidate = { node, election, startedAtMs: null, stoppedAtMs: null, lines };
  return candidate;
}

/** Two controller managers on two nodes; the first one leads. */
async function pair(seed = 1, times: Parameters<typeof run>[3] = DEFAULT_ELECTION) {
  const world = createTestWorld({ nodes: 2, seed });
  await world.pass(READY_MS);
  const [first, second] = world.nodes;
  if (first === undefined || second === undefined) throw new Error("two nodes");
  const holder = run(world, first, "holder_1", times);
  await world.pass(3000);
  const standby = run(world, second, "standby_2", times);
  await world.pass(20_000);
  expect(holder.election.isLeader).toBe(true);
  expect(standby.election.isLeader).toBe(false);
  return { world, holder, standby };
}

async function lease(world: TestWorld, node?: TestNode): Promise<KubeObject> {
  const answer = await world.get(LEASE, {}, node);
  if (!isObject(answer?.body)) throw new Error(`no Lease: ${answer?.status}`);
  return answer.body;
}

async function patch(world: TestWorld, node: TestNode, spec: Readonly<Record<string, string | number>>) {
  const contentType = "application/merge-patch+json";
  const answer = await world.ask({ method: "PATCH", path: LEASE, body: { spec }, contentType }, { node });
  expect(answer?.status).toBe(200);
  return world.sim.nowMs();
}

test("the holder renews every 2 s, and its record says since when it leads", async () => {
  const { world, holder } = await pair();
  const one = await lease(world);
  await world.pass(10_000);
  const other = await lease(world);
  expect(field(other, "spec", "holderIdentity")).toBe("holder_1");
  expect(field(other, "spec", "acquireTime")).toBe(field(one, "spec", "acquireTime"));
  expect(field(other, "spec", "leaseTransitions")).toBe(0);
  const renewed =
    Date.parse(String(field(other, "spec", "renewTime"))) - Date.parse(String(field(one, "spec", "renewTime")));
  expect(renewed).toBe(10_000);
  expect(holder.lines).toEqual([
    'I leaderelection.go:271] "Successfully acquired lease" lock="kube-system/kube-controller-manager"',
  ]);
});

describe("an overwritten holderIdentity", () => {
  test.each([1, 2, 3, 4, 5])(
    "ends the holder at its renew deadline, 10 to 12.1 s later; the standby follows at 17 to 25 s (seed %i)",
    async (seed) => {
      const { world, holder, standby } = await pair(seed);
      await world.pass(seed * 370);
      const atMs = await patch(world, standby.node, { holderIdentity: "intruder" });
      await world.pass(26_000);
      const exitMs = (holder.stoppedAtMs ?? Infinity) - atMs;
      expect(exitMs).toBeGreaterThanOrEqual(10_000);
      expect(exitMs).toBeLessThanOrEqual(12_100);
      const takenMs = (standby.startedAtMs ?? Infinity) - atMs;
      expect(takenMs).toBeGreaterThanOrEqual(15_000);
      expect(takenMs).toBeLessThanOrEqual(25_000);
      expect(field(await lease(world, standby.node), "spec", "leaseTransitions")).toBe(1);
      const text = holder.lines.join("\n");
      expect(text).toContain(
        `"Failed to update lease optimistically, falling back to slow path" err="Operation cannot be fulfilled on leases.coordination.k8s.io \\"kube-controller-manager\\": the object has been modified`,
      );
      expect(text).toContain('"Failed to renew lease" err="context deadline exceeded"');
    },
  );

  test("with MicroK8s's times: 30 to 32.1 s", async () => {
    const { world, holder, standby } = await pair(1, MICROK8S_ELECTION);
    const atMs = await patch(world, standby.node, { holderIdentity: "intruder" });
    await world.pass(40_000);
    const exitMs = (holder.stoppedAtMs ?? Infinity) - atMs;
    expect(exitMs).toBeGreaterThanOrEqual(30_000);
    expect(exitMs).toBeLessThanOrEqual(32_100);
  });

  test("with an hour's duration locks everybody out until the Lease is deleted", async () => {
    const { world, holder, standby } = await pair();
    await patch(world, standby.node, { holderIdentity: "intruder", leaseDurationSeconds: 3600 });
    await world.pass(120_000);
    expect(holder.stoppedAtMs).not.toBeNull();
    expect(standby.startedAtMs).toBeNull();
    const deletedMs = world.sim.nowMs();
    await world.ask({ method: "DELETE", path: LEASE }, { node: standby.node });
    await world.pass(5000);
    expect((standby.startedAtMs ?? Infinity) - deletedMs).toBeLessThan(4500);
  });
});

test("a deleted Lease is made anew by whoever looks first: a holder goes on leading as before, or ends for a standby", async () => {
  const winners = new Map<string, number>();
  for (let seed = 1; seed <= 12; seed += 1) {
    const { world, holder, standby } = await pair(seed);
    const before = await lease(world);
    await world.ask({ method: "DELETE", path: LEASE }, { node: holder.node });
    await world.pass(2200);
    const after = await lease(world);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(field(after, "spec", "leaseTransitions")).toBe(0);
    const winner = String(field(after, "spec", "holderIdentity"));
    winners.set(winner, (winners.get(winner) ?? 0) + 1);
    if (winner === "holder_1") expect(field(after, "spec", "acquireTime")).toBe(field(before, "spec", "acquireTime"));
    await world.pass(30_000);
    expect(holder.stoppedAtMs === null).toBe(winner === "holder_1");
    expect(standby.startedAtMs === null).toBe(winner === "holder_1");
  }
  expect(winners.get("holder_1")).toBeGreaterThan(6);
});

test("an emptied Lease is taken by one of them, with one transition; a holder who lost that race ends", async () => {
  const winners = new Set<string>();
  for (let seed = 1; seed <= 8; seed += 1) {
    const { world, holder, standby } = await pair(seed);
    await world.pass(seed * 430);
    await patch(world, holder.node, { holderIdentity: "" });
    await world.pass(2300);
    const taken = await lease(world, standby.node);
    expect(field(taken, "spec", "leaseTransitions")).toBe(1);
    await world.pass(30_000);
    const winner = String(field(taken, "spec", "holderIdentity"));
    winners.add(winner);
    expect(holder.stoppedAtMs === null).toBe(winner === "holder_1");
    expect(standby.startedAtMs === null).toBe(winner === "holder_1");
  }
  expect(winners).toContain("holder_1");
});

test("a frozen watch cache never disturbs the holder", async () => {
  const { world, holder } = await pair();
  holder.node.datastore.isFeedDead = true;
  await world.pass(600_000);
  expect(holder.election.isLeader).toBe(true);
  const renewTime = String(field(await lease(world), "spec", "renewTime"));
  expect(renewTime >= microTimeText(world.sim.nowMs() - 2500)).toBe(true);
  expect(holder.lines).toHaveLength(1);
});

test("a store that is away for longer than the renew deadline ends the holder, a shorter outage does not", async () => {
  const short = await pair();
  short.world.store.latencyMs = null;
  await short.world.pass(5000);
  short.world.store.latencyMs = 0;
  await short.world.pass(20_000);
  expect(short.holder.election.isLeader).toBe(true);

  const long = await pair();
  const atMs = long.world.sim.nowMs();
  long.world.store.latencyMs = null;
  await long.world.pass(20_000);
  const exitMs = (long.holder.stoppedAtMs ?? Infinity) - atMs;
  expect(exitMs).toBeGreaterThanOrEqual(10_000);
  expect(exitMs).toBeLessThanOrEqual(12_100);
});

test("the host's clock may jump: only durations on the machine's own count", async () => {
  const { world, holder, standby } = await pair();
  standby.node.host.clock.step(3_600_000);
  await world.pass(120_000);
  expect(holder.election.isLeader).toBe(true);
  expect(standby.startedAtMs).toBeNull();
});
