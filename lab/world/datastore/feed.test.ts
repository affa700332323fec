import { expect, test } from "vitest";
import { createTestStore, type TestStore } from "./test-store.ts";

const LEASE = "/registry/leases/kube-system/kube-scheduler";
const SEEDS = Array.from({ length: 12 }, (_, at) => at + 1);

async function pauseLeader(
  store: TestStore,
  ms: number,
): Promise<{ readonly leader: string; readonly followers: readonly string[] }> {
  const leader = store.leader();
  const followers = store.followers();
  store.process(leader).pause();
  await store.pass(ms);
  store.process(leader).resume();
  await store.pass(5000);
  return { leader, followers };
}

test("a write is published at once on its own node, and within a second on the others", async () => {
  const store = await createTestStore();
  const streams = ["k8s01", "k8s02", "k8s03"].map((node) => store.watch(node, "/registry/leases/"));
  await store.pass(100);
  await store.write("k8s02", LEASE);
  expect(streams[1]?.events).toHaveLength(1);
  await store.pass(1010);
  for (const { events, created } of streams) {
    expect(events.map(({ key }) => key)).toEqual([LEASE]);
    expect(created).toEqual([0]);
  }
});

test("12 and 18 s of a paused leader do no harm", async () => {
  for (const seed of SEEDS) {
    for (const ms of [12_000, 18_000]) {
      const store = await createTestStore({ seed });
      await pauseLeader(store, ms);
      expect(store.deadPolls()).toEqual([]);
    }
  }
});

test("26 and 30 s of a paused leader kill the feed of one or two of the others, and never its own", async () => {
  const killed = new Set<number>();
  for (const ms of [26_000, 30_000]) {
    for (const seed of SEEDS) {
      const store = await createTestStore({ seed });
      const { leader } = await pauseLeader(store, ms);
      expect(store.deadPolls()).not.toContain(leader);
      killed.add(store.deadPolls().length);
    }
  }
  expect(killed).toEqual(new Set([1, 2]));
});

test("a dead feed is mute in every respect, and nothing else of its node is", async () => {
  const store = await createTestStore({ seed: 3 });
  await store.write("k8s01", LEASE);
  await store.pass(2000);
  const before = store.followers().map((node) => ({ node, stream: store.watch(node, "/registry/leases/") }));
  await store.pass(2000);
  await pauseLeader(store, 30_000);
  const { node, stream } = before.find((one) => store.deadPolls().includes(one.node)) as (typeof before)[number];
  const frozen = store.table.revision;
  const polls = store.datastore(node).counters();
  const lines = store.journal(node).length;

  const seen = stream.events.length;
  for (let wrote = 0; wrote < 3; wrote += 1) expect((await store.write(node, LEASE)).ok).toBe(true);
  const late = store.watch(node, "/registry/leases/", { afterRevision: frozen });
  await store.pass(10_000);
  stream.requestProgress();
  await store.pass(10);
  expect(stream.events).toHaveLength(seen);
  expect(stream.progress.at(-1)).toBeLessThanOrEqual(frozen);
  expect([late.created, late.events, late.ends]).toEqual([[0], [], []]);
  expect(await store.read(node, LEASE)).toMatchObject({ ok: true, value: { revision: store.table.revision } });
  const now = store.datastore(node).counters();
  expect(now.pollQueries).toBe(polls.pollQueries);
  expect(now.otherQueries).toBeGreaterThan(polls.otherQueries + 3);
  expect(store.journal(node)).toHaveLength(lines);
});

test("only a restart of that node's process revives it: its streams break, new ones live", async () => {
  const store = await createTestStore({ seed: 3 });
  await pauseLeader(store, 30_000);
  const node = store.deadPolls()[0] as string;
  const old = store.watch(node, "/registry/leases/");
  await store.pass(300_000);
  expect(store.deadPolls()).toContain(node);
  store.kill(node);
  await store.pass(1000);
  expect(old.ends).toEqual(["connection-reset"]);
  store.start(node);
  await store.until(() => store.datastore(node).port.listener !== null, 20_000);
  expect(store.datastore(node).isPollAlive()).toBe(true);
  const stream = store.watch(node, "/registry/leases/");
  await store.pass(1500);
  await store.write(node, LEASE);
  await store.pass(1500);
  expect(stream.events.map(({ key }) => key)).toContain(LEASE);
});

test("a restarted process goes through history again from the compacted revision", async () => {
  const store = await createTestStore();
  for (let wrote = 0; wrote < 3; wrote += 1) await store.write("k8s01", LEASE);
  const node = store.followers()[0] as string;
  store.kill(node);
  store.start(node);
  await store.until(() => store.datastore(node).port.listener !== null, 20_000);
  const stream = store.watch(node, "/registry/leases/");
  const exact = store.watch(node, "/registry/leases/", { afterRevision: 2 });
  await store.pass(3000);
  expect(stream.events.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  expect(exact.events.map(({ revision }) => revision)).toEqual([3]);
});

test("before 1.34 the poll meets its deadline and goes on", async () => {
  for (const seed of SEEDS.slice(0, 4)) {
    const store = await createTestStore({ seed, release: "1.33" });
    const stream = store.watch(store.followers()[0] as string, "/registry/leases/");
    const { followers } = await pauseLeader(store, 60_000);
    expect(store.deadPolls()).toEqual([]);
    await store.write(followers[1] as string, LEASE);
    await store.pass(2000);
    expect(stream.events).toHaveLength(1);
  }
});

test("in 1.28 a leader that lost its power holds the poll of others for 15 to 20 min, and none dies", async () => {
  const store = await createTestStore({ release: "1.28" });
  const leader = store.leader();
  const stream = store.watch(store.followers()[0] as string, "/registry/leases/");
  const writer = store.followers()[1] as string;
  await store.pass(100);
  store.hosts.find(({ name }) => name === leader)?.powerOff();
  await store.pass(30_000);
  expect((await store.write(writer, LEASE)).ok).toBe(true);
  await store.pass(800_000);
  expect(stream.events).toHaveLength(0);
  await store.pass(500_000);
  expect(stream.events).toHaveLength(1);
});

test("a node that is cut off for more than 20 s has a dead feed when it is back", async () => {
  const store = await createTestStore();
  const node = store.followers()[0] as string;
  store.cutOff(node);
  await store.pass(25_000);
  store.rejoin(node);
  await store.pass(5000);
  expect(store.deadPolls()).toEqual([node]);
});

test("a leader that is killed leaves no dead feed behind", async () => {
  for (const seed of SEEDS) {
    const store = await createTestStore({ seed });
    const dead = store.leader();
    store.kill(dead);
    await store.pass(30_000);
    expect(store.deadPolls()).toEqual([dead]);
  }
});

test("without a quorum for longer than the deadline the surviving node's feed dies too", async () => {
  const store = await createTestStore();
  const [survivor] = store.followers() as [string];
  for (const node of ["k8s01", "k8s02", "k8s03"]) if (node !== survivor) store.kill(node);
  await store.pass(30_000);
  for (const node of ["k8s01", "k8s02", "k8s03"]) if (node !== survivor) store.start(node);
  await store.pass(20_000);
  expect(store.leader()).toBeTruthy();
  expect(store.deadPolls()).toEqual([survivor]);
});

test("a poll that finds nothing new is one event, whatever else there is", async () => {
  const store = await createTestStore();
  for (let made = 0; made < 50; made += 1) store.watch("k8s01", `/registry/r${made}/`);
  for (let wrote = 0; wrote < 150; wrote += 1) await store.write("k8s01", LEASE);
  await store.pass(60_000);
  const before = store.events;
  const polls = store.datastore("k8s01").counters().pollQueries;
  await store.pass(600_000);
  expect(store.datastore("k8s01").counters().pollQueries - polls).toBe(600);
  // Three polls a second; the disk check and progress every 5 s; two looks whether to compact, and one node's compaction.
  expect(store.table.compactedRevision).toBe(50);
  expect(store.events - before).toBeLessThanOrEqual(3 * 600 + 3 * 120 + 3 * 2 + 2);
});
