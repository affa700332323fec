import { expect, test } from "vitest";
import { createSim } from "../../sim/sim.ts";
import { createHost } from "../host/create-host.ts";
import { createNetwork } from "../network.ts";
import { createMembers, type Member } from "./members.ts";
import { createRaft } from "./raft.ts";
import { createTestCluster, settled, type TestCluster } from "./test-cluster.ts";

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);

/** Whom each node's member names, in the order of the nodes. */
function named(cluster: TestCluster): (string | null)[] {
  return cluster.dqlite.members.map((member) => member.state().leader?.address ?? null);
}

test("three nodes that boot together have a leader that all name, and ids beyond 2^53", async () => {
  for (const seed of SEEDS) {
    const cluster = createTestCluster({ seed });
    expect(await cluster.until(() => cluster.dqlite.leader() !== null, 8000)).toBeGreaterThan(3000);
    await cluster.pass(1000);
    const names = new Set(named(cluster));
    expect(names.size).toBe(1);
    expect(names.has(null)).toBe(false);
    const ids = cluster
      .member("k8s01")
      .state()
      .servers.map(({ id }) => BigInt(id));
    expect(ids[0]).toBe(3297041220608546238n);
    for (const id of ids) expect(id > 2n ** 53n && id < 2n ** 64n).toBe(true);
  }
});

test("an idle cluster has no events of raft", async () => {
  const cluster = await settled();
  const before = cluster.events;
  await cluster.pass(3_600_000);
  expect(cluster.events - before).toBe(0);
});

test("a leader that is killed is followed by another one within 3 to 6 s", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    const leader = cluster.leader();
    cluster.kill(leader);
    const ms = await cluster.until(() => cluster.dqlite.leader() !== null, 10_000);
    expect(ms).toBeGreaterThanOrEqual(3000);
    expect(ms).toBeLessThanOrEqual(6100);
    expect(cluster.dqlite.leader()).not.toBe(leader);
  }
});

test("a voter that still names the dead leader elects nobody: the later of two timeouts decides, 5 s in the mean", async () => {
  let sumMs = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const cluster = await settled({ seed });
    cluster.kill(cluster.leader());
    sumMs += await cluster.until(() => cluster.dqlite.leader() !== null, 10_000);
  }
  expect(Math.abs(sumMs / 60 - 5000)).toBeLessThan(350);
});

test("a leader of an old term that goes on believes to lead, and commits nothing", async () => {
  const { sim, runUntil } = createSim({ seed: 1, startMs: 0 });
  const network = createNetwork(sim);
  const hosts = [1, 2, 3].map((at) => createHost({ sim, network, name: `k8s0${at}`, address: `172.22.22.${at}` }));
  const members = createMembers(hosts, sim.random("test"));
  const raft = createRaft(sim, network, members);
  for (const member of members) raft.join(member, member.host.spawn("k8s-dqlite"));
  await runUntil(10_000);
  const old = raft.leader() as Member;
  expect(raft.canCommit(old)).toBe(true);
  old.process?.pause();
  await runUntil(20_000);
  const now = raft.leader() as Member;
  old.process?.resume();
  expect([raft.leads(old), raft.leads(now)]).toEqual([true, true]);
  expect([raft.canCommit(old), raft.canCommit(now)]).toEqual([false, true]);
  expect(raft.leader()).toBe(now);
});

test("the followers of a dead leader name it until their own election timeout, then nobody, then the new one", async () => {
  const cluster = await settled();
  const old = cluster.member(cluster.leader()).state().address;
  const [one, other] = cluster.followers();
  cluster.kill(cluster.leader());
  await cluster.pass(2900);
  for (const node of [one, other]) expect(cluster.member(node as string).state().leader?.address).toBe(old);
  const seen = new Set<string | null>();
  await cluster.until(() => {
    for (const node of [one, other]) seen.add(cluster.member(node as string).state().leader?.address ?? null);
    return cluster.dqlite.leader() !== null;
  }, 5000);
  expect(seen.has(null)).toBe(true);
});

test("a lone ex-leader names itself for 3 to 5 s, then nobody", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    const leader = cluster.leader();
    for (const node of cluster.followers()) cluster.kill(node);
    expect(cluster.dqlite.leader()).toBeNull();
    const ms = await cluster.until(() => cluster.member(leader).state().leader === null, 6000);
    expect(ms).toBeGreaterThanOrEqual(3000);
    expect(ms).toBeLessThanOrEqual(5020);
    await cluster.pass(60_000);
    expect(cluster.dqlite.leader()).toBeNull();
  }
});

test("a paused leader answers nothing, and names itself still when it goes on, until it hears of the new one", async () => {
  const cluster = await settled();
  const old = cluster.leader();
  cluster.process(old).pause();
  expect(cluster.dqlite.leader()).toBeNull();
  await cluster.pass(10_000);
  const now = cluster.leader();
  expect(now).not.toBe(old);
  cluster.process(old).resume();
  expect(cluster.member(old).state().leader?.address).toBe(cluster.member(old).state().address);
  expect(cluster.dqlite.leader()).toBe(now);
  await cluster.pass(600);
  expect(cluster.member(old).state().leader?.address).toBe(cluster.member(now).state().address);
});

test("a pause shorter than the election timeout changes nobody's mind", async () => {
  const cluster = await settled();
  const leader = cluster.leader();
  const { term } = cluster.dqlite;
  cluster.process(leader).pause();
  await cluster.pass(2900);
  cluster.process(leader).resume();
  await cluster.pass(20_000);
  expect([cluster.leader(), cluster.dqlite.term]).toEqual([leader, term]);
});

test("paused followers elect nobody and are counted by nobody", async () => {
  const cluster = await settled();
  const leader = cluster.leader();
  for (const node of cluster.followers()) cluster.process(node).pause();
  await cluster.pass(20_000);
  expect(named(cluster)[cluster.dqlite.members.findIndex(({ node }) => node === leader)]).toBeNull();
  expect(cluster.dqlite.leader()).toBeNull();
});

test("a leader that is cut off, also in one direction only, loses its leadership to the others", async () => {
  for (const isOneWay of [false, true]) {
    const cluster = await settled();
    const leader = cluster.leader();
    if (isOneWay) for (const node of cluster.followers()) cluster.network.cut(leader, node);
    else cluster.cutOff(leader);
    await cluster.pass(7000);
    expect(cluster.leader()).not.toBe(leader);
    expect(cluster.member(leader).state().leader).toBeNull();
    cluster.rejoin(leader);
    await cluster.pass(1000);
    expect(new Set(named(cluster)).size).toBe(1);
  }
});

test("a member that comes back does not disturb the leader: pre-vote", async () => {
  const cluster = await settled();
  const { term } = cluster.dqlite;
  const away = cluster.followers()[0] as string;
  cluster.cutOff(away);
  await cluster.pass(120_000);
  expect(cluster.member(away).state().leader).toBeNull();
  cluster.rejoin(away);
  await cluster.pass(1000);
  expect(cluster.dqlite.term).toBe(term);
  expect(cluster.member(away).state().leader).not.toBeNull();
});

test("who missed entries is not elected by one who has them", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    const [behind, ahead] = cluster.followers() as [string, string];
    cluster.cutOff(behind);
    cluster.member(ahead).statement({ kind: "write", run: () => 1 }, () => undefined);
    await cluster.pass(100);
    cluster.kill(cluster.leader());
    cluster.rejoin(behind);
    await cluster.pass(20_000);
    expect(cluster.leader()).toBe(ahead);
  }
});

test("a graceful stop hands leadership over at once, without an election", async () => {
  const cluster = await settled();
  const old = cluster.leader();
  const state = { isDone: false };
  cluster.member(old).handOver(() => {
    state.isDone = true;
  });
  let without = 0;
  for (let waited = 0; waited < 5000 && !state.isDone; waited += 1) {
    await cluster.pass(1);
    if (cluster.dqlite.leader() === null) without += 1;
  }
  expect(state.isDone).toBe(true);
  expect(cluster.leader()).not.toBe(old);
  expect(without).toBeLessThan(50);
});

test("a graceful stop without a quorum gives up after 30 s and says so", async () => {
  const cluster = await settled();
  const leader = cluster.leader();
  for (const node of cluster.followers()) cluster.kill(node);
  await cluster.pass(6000);
  let doneAtMs = 0;
  const fromMs = cluster.sim.nowMs();
  cluster.member(leader).handOver(() => {
    doneAtMs = cluster.sim.nowMs();
  });
  await cluster.pass(40_000);
  expect(doneAtMs - fromMs).toBeGreaterThanOrEqual(30_000);
  expect(doneAtMs - fromMs).toBeLessThan(32_000);
});

test("a single node leads itself, also after a restart", async () => {
  const cluster = createTestCluster({ count: 1 });
  await cluster.pass(400);
  expect(cluster.leader()).toBe("k8s01");
  cluster.kill("k8s01");
  cluster.start("k8s01");
  await cluster.pass(400);
  expect(cluster.leader()).toBe("k8s01");
});

test("an offline voter is replaced by an online stand-by within 30 s, and comes back as a stand-by", async () => {
  const cluster = await settled({ count: 4 });
  const roles = () =>
    cluster
      .member(cluster.leader())
      .state()
      .servers.map(({ role }) => role);
  expect(roles()).toEqual(["voter", "voter", "voter", "stand-by"]);
  expect(cluster.member("k8s04").state().leader).toBeNull();
  const away = cluster.followers().find((node) => node !== "k8s04") as string;
  cluster.kill(away);
  await cluster.pass(31_000);
  expect(
    cluster
      .member(cluster.leader())
      .state()
      .servers.filter(({ role }) => role === "voter"),
  ).toHaveLength(3);
  expect(cluster.member("k8s04").state()).toMatchObject({ role: "voter", leader: expect.anything() });
  cluster.start(away);
  await cluster.pass(61_000);
  expect(cluster.member(away).state().role).toBe("stand-by");
});

test("with three nodes an offline voter stays a voter", async () => {
  const cluster = await settled();
  cluster.kill(cluster.followers()[0] as string);
  await cluster.pass(120_000);
  expect(
    cluster
      .member(cluster.leader())
      .state()
      .servers.map(({ role }) => role),
  ).toEqual(["voter", "voter", "voter"]);
});

test("the same seed gives the same log", async () => {
  expect(await linesOfAnElection(5)).toEqual(await linesOfAnElection(5));
  expect(await linesOfAnElection(5)).not.toEqual(await linesOfAnElection(6));
});

async function linesOfAnElection(seed: number): Promise<readonly string[]> {
  const cluster = await settled({ seed });
  cluster.kill(cluster.leader());
  await cluster.pass(20_000);
  return [...cluster.lines, String(cluster.sim.random("dqlite raft").next())];
}
