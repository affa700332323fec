import { expect, test } from "vitest";
import { createTestStore, type TestStore, type Watching } from "./test-store.ts";

const CONFIG = "/registry/configmaps/default/big";
const LEASE = "/registry/leases/kube-system/kube-scheduler";
const BIG = "x".repeat(40_000);

async function progressOf(store: TestStore, watching: Watching): Promise<number | undefined> {
  const before = watching.progress.length;
  watching.requestProgress();
  await store.pass(5);
  return watching.progress[before];
}

/** The reader of one node stands still while the busy key is written through another node. */
async function overflow(store: TestStore, node: string, writes: number): Promise<void> {
  const other = node === "k8s01" ? "k8s02" : "k8s01";
  store.client(node).pause();
  for (let wrote = 0; wrote < writes; wrote += 1) {
    await store.write(other, CONFIG, `${BIG}${wrote}`);
    if (wrote % 20 === 0) await store.write(other, LEASE);
    await store.pass(200);
  }
  store.client(node).resume();
  await store.pass(2000);
}

test("a fresh stream's progress is 0 until the first publish, then the poll's revision", async () => {
  const store = await createTestStore();
  await store.write("k8s01", LEASE);
  await store.pass(2500);
  const watching = store.watch("k8s02", "/registry/pods/");
  await store.pass(1);
  expect(await progressOf(store, watching)).toBe(0);
  await store.pass(1000);
  expect(await progressOf(store, watching)).toBe(store.table.revision);
});

test("periodic progress comes every 5 s, and never again after the first event", async () => {
  const store = await createTestStore();
  const quiet = store.watch("k8s02", "/registry/nodes/");
  const busy = store.watch("k8s02", "/registry/leases/");
  await store.pass(100);
  await store.write("k8s02", LEASE);
  await store.pass(30_000);
  expect(quiet.progress).toHaveLength(6);
  expect(quiet.progress.at(-1)).toBe(store.table.revision);
  expect(busy.progress).toEqual([]);
  expect(await progressOf(store, busy)).toBe(store.table.revision);
});

test("a reader that stands still loses one busy stream for good; its other streams, and the feed, live", async () => {
  const store = await createTestStore();
  const busy = store.watch("k8s02", "/registry/configmaps/");
  const idle = store.watch("k8s02", "/registry/leases/");
  await store.pass(1500);
  await overflow(store, "k8s02", 700);
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual(["/registry/configmaps/"]);
  const stale = busy.events.at(-1)?.revision as number;
  expect(stale).toBeLessThan(store.table.revision);
  expect(idle.events.at(-1)?.key).toBe(LEASE);

  await store.write("k8s01", CONFIG);
  await store.write("k8s01", LEASE);
  await store.pass(2000);
  expect(busy.events.at(-1)?.revision).toBe(stale);
  expect(busy.ends).toEqual([]);
  expect(await progressOf(store, busy)).toBe(stale);
  expect(idle.events.at(-1)?.revision).toBe(store.table.revision);
  const fresh = store.watch("k8s02", "/registry/configmaps/");
  await store.pass(100);
  await store.write("k8s02", CONFIG);
  expect(fresh.events).toHaveLength(1);
  expect(store.deadPolls()).toEqual([]);
});

test("a reader that stands still beside little traffic misses nothing", async () => {
  const store = await createTestStore();
  const watching = store.watch("k8s02", "/registry/leases/");
  await store.pass(100);
  store.client("k8s02").pause();
  for (let wrote = 0; wrote < 20; wrote += 1) {
    await store.write("k8s01", LEASE);
    await store.pass(5000);
  }
  store.client("k8s02").resume();
  expect(watching.events).toHaveLength(20);
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual([]);
});

test("before 1.6 a slow reader's watch is closed, and says so", async () => {
  const store = await createTestStore({ release: "1.33" });
  const busy = store.watch("k8s02", "/registry/configmaps/");
  await store.pass(100);
  await overflow(store, "k8s02", 700);
  expect(busy.ends).toEqual(["watch closed"]);
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual([]);
});

test("what is held back arrives later, all of it and in order; other programs see nothing of it", async () => {
  const store = await createTestStore();
  const held = store.watch("k8s02", "/registry/leases/");
  const other = store.watch("k8s02", "/registry/leases/", { client: store.hosts[1]?.spawn("quorate") as never });
  await store.pass(1500);
  const letGo = store.datastore("k8s02").holdStreams?.("kubelite") as () => void;
  const late = store.watch("k8s02", "/registry/leases/");
  for (let wrote = 0; wrote < 300; wrote += 1) {
    await store.write("k8s02", LEASE);
    await store.pass(1000);
  }
  held.requestProgress();
  await store.pass(100);
  expect([held.events, held.progress, late.created]).toEqual([[], [], []]);
  expect(other.events).toHaveLength(300);
  letGo();
  await store.pass(1);
  expect(held.events.map(({ revision }) => revision)).toEqual(other.events.map(({ revision }) => revision));
  expect(held.progress).toEqual([store.table.revision]);
  expect(late.created).toEqual([0]);
  await store.write("k8s02", LEASE);
  expect(held.events.at(-1)?.revision).toBe(store.table.revision);
});

test("a hold outlives a restart of the datastore", async () => {
  const store = await createTestStore();
  const letGo = store.datastore("k8s02").holdWatches();
  store.kill("k8s02");
  store.start("k8s02");
  await store.until(() => store.datastore("k8s02").port.listener !== null, 20_000);
  const watching = store.watch("k8s02", "/registry/leases/");
  await store.write("k8s02", LEASE);
  await store.pass(2000);
  expect([watching.created, watching.events]).toEqual([[], []]);
  letGo();
  await store.pass(1);
  expect(watching.events).toHaveLength(1);
});

test("a stream that is made mute stays open, and only it", async () => {
  const store = await createTestStore();
  const muted = store.watch("k8s02", "/registry/leases/");
  const fine = store.watch("k8s02", "/registry/configmaps/");
  await store.pass(1500);
  store.datastore("k8s02").mute("/registry/leases/");
  await store.write("k8s02", LEASE);
  await store.write("k8s02", CONFIG);
  await store.pass(2000);
  expect([muted.events, muted.ends]).toEqual([[], []]);
  expect(await progressOf(store, muted)).toBe(0);
  expect(fine.events).toHaveLength(1);
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual(["/registry/leases/"]);
  muted.close();
  await store.pass(10);
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual([]);
});

test("a watch begins with the past it asked for, and below the compacted revision it ends", async () => {
  const store = await createTestStore();
  for (let wrote = 0; wrote < 200; wrote += 1) await store.write("k8s01", LEASE);
  await store.pass(2000);
  const exact = store.watch("k8s02", "/registry/leases/", { afterRevision: 197 });
  await store.pass(100);
  expect(exact.events.map(({ revision }) => revision)).toEqual([198, 199, 200]);
  await store.pass(300_000);
  expect(store.table.compactedRevision).toBe(100);
  const old = store.watch("k8s02", "/registry/leases/", { afterRevision: 50 });
  const oldest = store.watch("k8s02", "/registry/leases/", { afterRevision: 99 });
  await store.pass(100);
  expect([old.created, old.ends]).toEqual([[], ["compacted"]]);
  expect(oldest.ends).toEqual([]);
});

test("a watch that its node's poll has not caught up with gets each event once", async () => {
  const store = await createTestStore();
  await store.write("k8s01", LEASE);
  await store.write("k8s01", LEASE);
  const ahead = store.watch("k8s02", "/registry/leases/", { afterRevision: 1 });
  await store.pass(3000);
  expect(ahead.events.map(({ revision }) => revision)).toEqual([2]);
});

test("watching a datastore that is down is refused; a client that ends leaves nothing behind", async () => {
  const store = await createTestStore();
  const client = store.hosts[1]?.spawn("quorate");
  if (client === undefined) throw new Error("no second host");
  store.watch("k8s02", "/registry/leases/", { client });
  await store.pass(10);
  store.datastore("k8s02").mute("/registry/leases/");
  client.end({ code: "exited", status: 0 });
  expect(store.datastore("k8s02").mutedPrefixes()).toEqual([]);
  store.kill("k8s02");
  const refused = store.watch("k8s02", "/registry/leases/");
  await store.pass(10);
  expect(refused.ends).toEqual(["connection-refused"]);
});
