import { expect, test } from "vitest";
import type { Answer, TxnResult } from "./datastore.ts";
import { createTestStore, type TestStore } from "./test-store.ts";

const LEASE = "/registry/leases/kube-system/kube-scheduler";
const EVENT = "/registry/events/default/a.17";

/** `msg="..."` of each line. */
function messages(store: TestStore, node: string): string[] {
  return store.journal(node).map((line) => /msg="(.*?)"(?: \w+=|$)/.exec(line)?.[1] ?? line);
}

test("compare-and-swap: one of two that saw the same revision wins, the other is told what is there", async () => {
  const store = await createTestStore();
  const answers: Answer<TxnResult>[] = [];
  for (const node of ["k8s01", "k8s02"]) {
    const request = { op: "create", key: LEASE, value: node, expectedRevision: 0 } as const;
    store.datastore(node).txn(store.client(node), request, (answer) => answers.push(answer));
  }
  await store.pass(100);
  const results = answers.map((answer) => (answer.ok ? answer.value : null));
  expect(new Set(results.map((result) => result?.succeeded))).toEqual(new Set([false, true]));
  expect(results.find((result) => result?.succeeded === false)).toMatchObject({
    revision: 1,
    current: { key: LEASE, modRevision: 1 },
  });
  expect(store.table.revision).toBe(1);
});

test("reads at a revision: the past, the compacted, the future", async () => {
  const store = await createTestStore();
  for (let wrote = 1; wrote <= 150; wrote += 1) await store.write("k8s01", LEASE, wrote);
  await store.pass(300_000);
  const read = (revision: number) => {
    const answers: unknown[] = [];
    store
      .datastore("k8s02")
      .range(store.client("k8s02"), { key: "/registry/leases/", isPrefix: true, revision }, (answer) =>
        answers.push(answer),
      );
    return store.pass(100).then(() => answers[0]);
  };
  expect(await read(120)).toMatchObject({ ok: true, value: { revision: 150, objects: [{ value: 120 }] } });
  expect(await read(10)).toEqual({ ok: false, error: "etcdserver: mvcc: required revision has been compacted" });
  expect(await read(1000)).toEqual({ ok: false, error: "etcdserver: mvcc: required revision is a future revision" });
});

test("a paused leader: the health read is given up after 2 s, and the datastore prints what it saw of it", async () => {
  const store = await createTestStore({ seed: 2 });
  const node = store.followers()[0] as string;
  store.process(store.leader()).pause();
  for (let asked = 0; asked < 12; asked += 1) {
    expect(await store.read(node, "/registry/health")).toMatchObject({
      ok: false,
      error: "context deadline exceeded",
      ms: 2000,
    });
  }
  const lines = messages(store, node).filter((line) => line.includes("/registry/health"));
  expect(lines).toHaveLength(12);
  for (const line of lines) {
    expect(line).toMatch(
      /^error while range on \/registry\/health : query \(try: 0\): context (?:canceled|deadline exceeded)$/,
    );
  }
  expect(lines.some((line) => line.endsWith("deadline exceeded"))).toBe(true);
  expect(store.datastore(node).counters().failedTransactions).toBeGreaterThanOrEqual(12);
});

test("the poll's own death is one failed query, and not a line", async () => {
  const store = await createTestStore({ seed: 3 });
  const counts = () => store.followers().map((node) => store.datastore(node).counters());
  const before = counts();
  const lines = store.followers().map((node) => store.journal(node).length);
  const followers = store.followers();
  store.process(store.leader()).pause();
  await store.pass(19_000);
  for (const [at, node] of followers.entries()) {
    expect(store.datastore(node).counters().pollQueries - (before[at]?.pollQueries ?? 0)).toBeLessThanOrEqual(1);
  }
  await store.pass(2500);
  for (const node of store.deadPolls()) {
    const at = followers.indexOf(node);
    const now = store.datastore(node).counters();
    expect(now.failedTransactions - (before[at]?.failedTransactions ?? 0)).toBe(1);
    expect(store.journal(node).length).toBe(lines[at]);
  }
  expect(store.deadPolls().length).toBeGreaterThan(0);
});

test("contention is printed in the words of the release, and told to the client", async () => {
  for (const { release, line } of [
    {
      release: "1.35",
      line: `error in txn: update transaction failed for key ${LEASE}: exec (try: 500): database is locked`,
    },
    { release: "1.33", line: "error in txn: exec (try: 500): database is locked" },
  ] as const) {
    const store = await createTestStore({ release });
    await store.write("k8s01", LEASE);
    const letGo = store.dqlite.holdWriter(store.leader());
    const answer = await store.write("k8s02", LEASE);
    expect(messages(store, "k8s02").at(-1)).toBe(line);
    expect(answer).toMatchObject({
      ok: false,
      error: `rpc error: code = Unknown desc = ${line.replace("error in txn: ", "")}`,
    });
    letGo();
    expect((await store.write("k8s02", LEASE)).ok).toBe(true);
  }
});

test("a lease expires within its second of jitter, once, and everybody sees the delete", async () => {
  const store = await createTestStore();
  const watching = store.watch("k8s03", "/registry/events/");
  await store.pass(100);
  await store.write("k8s01", EVENT, "Pulled", 300_000);
  await store.write("k8s01", "/registry/events/default/b.17", "Killing", 10_000);
  await store.write("k8s01", "/registry/events/default/b.17", "Killing again", 60_000);
  await store.pass(58_000);
  expect(store.table.list("/registry/events/")).toHaveLength(2);
  await store.pass(4000);
  expect(store.table.list("/registry/events/")).toHaveLength(1);
  await store.pass(237_000);
  expect(store.table.get(EVENT)).not.toBeNull();
  await store.pass(3000);
  expect(store.table.get(EVENT)).toBeNull();
  expect(watching.events.filter(({ type }) => type === "delete")).toHaveLength(2);
});

test("a node that is down expires nothing; started again it gives leases their whole time anew", async () => {
  const store = await createTestStore({ count: 1 });
  await store.write("k8s01", EVENT, "before", 60_000);
  store.kill("k8s01");
  await store.pass(120_000);
  store.start("k8s01");
  await store.pass(59_000);
  expect(store.table.get(EVENT)).not.toBeNull();
  await store.pass(6000);
  expect(store.table.get(EVENT)).toBeNull();
});

test("a started node knows leases that are older than the history it goes through", async () => {
  const store = await createTestStore({ count: 1 });
  await store.write("k8s01", EVENT, "old", 600_000);
  for (let wrote = 0; wrote < 150; wrote += 1) await store.write("k8s01", LEASE);
  await store.pass(300_000);
  expect(store.table.compactedRevision).toBeGreaterThan(1);
  store.kill("k8s01");
  store.start("k8s01");
  await store.pass(605_000);
  expect(store.table.get(EVENT)).toBeNull();
});

test("nodes with dead feeds learn of no new lease: with nobody else there it stays", async () => {
  const store = await frozenStore();
  const alive = store.hosts.map(({ name }) => name).find((name) => !store.deadPolls().includes(name)) as string;
  const dead = store.deadPolls()[0] as string;
  store.kill(alive);
  await store.pass(10_000);
  expect((await store.write(dead, EVENT, "x", 10_000)).ok).toBe(true);
  await store.pass(60_000);
  expect(store.table.get(EVENT)).not.toBeNull();
  store.start(alive);
  await store.pass(15_000);
  expect(store.table.get(EVENT)).toBeNull();
});

/** A cluster in which a pause of the leader killed both other feeds. */
async function frozenStore(): Promise<TestStore> {
  for (let seed = 1; seed < 20; seed += 1) {
    const store = await createTestStore({ seed });
    const leader = store.leader();
    store.process(leader).pause();
    await store.pass(30_000);
    store.process(leader).resume();
    await store.pass(5000);
    if (store.deadPolls().length === 2) return store;
  }
  throw new Error("no seed kills two feeds");
}

test("only the leader compacts, every 5 min, and keeps 100 revisions", async () => {
  const store = await createTestStore();
  for (let wrote = 0; wrote < 300; wrote += 1) await store.write("k8s01", LEASE);
  expect(store.table.compactedRevision).toBe(0);
  await store.pass(301_000);
  expect(store.table.compactedRevision).toBe(200);
  await store.pass(600_000);
  expect(store.table.compactedRevision).toBe(200);
});

test("a node that does not lead leaves compaction to the one that does", async () => {
  const store = await createTestStore();
  const leader = store.leader();
  await store.pass(100_000);
  store.kill(leader);
  store.start(leader);
  await store.pass(20_000);
  store.dqlite.transfer(leader);
  await store.pass(1000);
  expect(store.leader()).toBe(leader);
  for (let wrote = 0; wrote < 300; wrote += 1) await store.write("k8s01", LEASE);
  // The others have looked by now, the restarted leader has not.
  await store.pass(220_000);
  expect(store.table.compactedRevision).toBe(0);
  await store.pass(80_000);
  expect(store.table.compactedRevision).toBe(200);
});

test("little room is said every 5 s and does nothing; none fails the leader's writes", async () => {
  const store = await createTestStore();
  const leader = store.hosts.find(({ name }) => name === store.leader());
  if (leader === undefined) throw new Error("no leader");
  leader.disk.freeBytes = 9_000_000;
  await store.pass(20_000);
  const line =
    'level=info msg="ignoring failed available disk storage check" dir=/var/snap/microk8s/current/var/kubernetes/backend error="periodic check for available disk storage failed: available disk size (9000000 bytes) is below minimum required (10485760 bytes)"';
  expect(store.journal(leader.name).filter((printed) => printed.endsWith(line))).toHaveLength(4);
  expect((await store.write("k8s01", LEASE)).ok).toBe(true);
  leader.disk.freeBytes = 0;
  const failed = await store.write("k8s01", LEASE);
  expect(failed.ok ? "" : failed.error).toMatch(/disk I\/O error|database or disk is full/);
  leader.disk.freeBytes = 1e9;
  expect((await store.write("k8s01", LEASE)).ok).toBe(true);
});

test("it serves within 2 s of its start, says so, and not without a leader", async () => {
  const store = await createTestStore();
  const [one, other] = store.followers() as [string, string];
  store.kill(one);
  expect(store.datastore(one).port.listener).toBeNull();
  expect(await store.read(one, LEASE)).toMatchObject({ ok: false, error: "connection-refused" });
  store.start(one);
  expect(await store.until(() => store.datastore(one).port.listener !== null, 5000)).toBeLessThan(2000);
  expect(store.journal(one).slice(-4).join("\n")).toMatch(
    /msg="started dqlite" address="172\.22\.22\.\d:19001" id=\d+\n.*k8s-dqlite listening on unix:\/\/.*kine\.sock:12379"\n.*started k8s-dqlite server.*\n.*enable periodic check/,
  );
  for (const node of [one, other, store.leader()]) store.kill(node);
  store.start(one);
  await store.pass(30_000);
  expect(store.datastore(one).port.listener).toBeNull();
  expect(messages(store, one).at(-1)).toMatch(/\[go-dqlite\] attempt \d+: server /);
});

test("a day of an idle cluster's writes leaves no history behind", async () => {
  const store = await createTestStore();
  store.client("k8s01").every(2000, () => {
    const current = store.table.get(LEASE);
    const request = {
      op: current === null ? "create" : "update",
      key: LEASE,
      value: 1,
      expectedRevision: current?.modRevision ?? 0,
    } as const;
    store.datastore("k8s01").txn(store.client("k8s01"), request, () => undefined);
  });
  await store.pass(6 * 3_600_000);
  expect(store.table.revision).toBeGreaterThan(10_000);
  expect(store.table.after(0, 100_000).length).toBeLessThan(300);
});
