import { expect, test } from "vitest";
import { ask, settled, warm } from "./test-cluster.ts";

test("in 1.8 writes that wait are one transaction, and happen though their callers gave up", async () => {
  const cluster = await settled();
  await warm(cluster);
  const node = cluster.followers()[0] as string;
  const leader = cluster.leader();
  const first = ask(cluster, node, "write");
  const batch = [1, 2, 3].map(() => ask(cluster, node, "write"));
  await cluster.pass(9);
  expect(first.ranAtMs).toHaveLength(1);
  cluster.process(leader).pause();
  await cluster.pass(2000);
  for (const { giveUp } of batch) giveUp();
  cluster.process(leader).resume();
  await cluster.pass(5000);
  const at = batch.map(({ ranAtMs }) => ranAtMs);
  expect(at[0]).toHaveLength(1);
  expect(at).toEqual([at[0], at[0], at[0]]);
  expect(batch.every(({ result }) => result === null)).toBe(true);
});

test("who finds the writer held for longer than 500 tries gets `database is locked`, within 1 to 2 s", async () => {
  const cluster = await settled();
  await warm(cluster);
  const letGo = cluster.dqlite.holdWriter(cluster.followers()[0] as string);
  const asked = cluster.dqlite.members.map(({ node }) => ask(cluster, node, "write"));
  const read = ask(cluster, cluster.followers()[1] as string, "read");
  await cluster.pass(2100);
  for (const { result, tookMs } of asked) {
    expect(result).toEqual({ ok: false, error: "exec (try: 500): database is locked" });
    expect(tookMs).toBeGreaterThanOrEqual(1000);
  }
  expect(read.result?.ok).toBe(true);
  expect(cluster.dqlite.busyCount).toBe(3);
  letGo();
  const after = ask(cluster, cluster.leader(), "write");
  await cluster.pass(100);
  expect(after.result?.ok).toBe(true);
});

test("a storm of writers from all nodes is contention; a few writers are not", async () => {
  expect((await busyOf(2)).busy).toBe(0);
  const storm = await busyOf(150);
  expect(storm.busy).toBeGreaterThan(0);
  expect(storm.answers).toBeGreaterThan(storm.busy * 2);
});

test("a paused client in the middle of a transaction keeps the writer from everybody", async () => {
  const cluster = await settled();
  await warm(cluster);
  const [holder, other] = cluster.followers() as [string, string];
  ask(cluster, holder, "write");
  ask(cluster, holder, "write");
  ask(cluster, holder, "write");
  await cluster.pass(10);
  cluster.process(holder).pause();
  await cluster.pass(100);
  const blocked = ask(cluster, other, "write");
  await cluster.pass(5000);
  expect(blocked.result).toMatchObject({ ok: false });
  cluster.process(holder).resume();
  await cluster.pass(100);
  const free = ask(cluster, other, "write");
  await cluster.pass(100);
  expect(free.result?.ok).toBe(true);
});

test("a leader whose disk is full answers so; a follower's full disk costs nothing while a majority can write", async () => {
  const cluster = await settled();
  await warm(cluster);
  const [one, other] = cluster.followers() as [string, string];
  const disk = (node: string) => cluster.hosts.find(({ name }) => name === node)?.disk as { freeBytes: number };
  disk(one).freeBytes = 0;
  const fine = ask(cluster, other, "write");
  await cluster.pass(100);
  expect(fine.result?.ok).toBe(true);
  disk(other).freeBytes = 0;
  const hanging = ask(cluster, other, "write");
  await cluster.pass(5000);
  expect([hanging.result, hanging.ranAtMs]).toEqual([null, []]);
  disk(other).freeBytes = 1e9;
  await cluster.pass(600);
  expect(hanging.result?.ok).toBe(true);
  disk(cluster.leader()).freeBytes = 0;
  const failed = ask(cluster, other, "write");
  await cluster.pass(10_000);
  expect(failed.result === null || /disk I\/O error|database or disk is full/.test(JSON.stringify(failed.result))).toBe(
    true,
  );
  expect(failed.ranAtMs).toEqual([]);
});

/** That many writers on each node, each with its next write a millisecond after the answer, for 20 s. */
async function busyOf(writers: number): Promise<{ readonly busy: number; readonly answers: number }> {
  const cluster = await settled();
  await warm(cluster);
  let answers = 0;
  for (const { node } of cluster.dqlite.members) {
    for (let made = 0; made < writers; made += 1) {
      const again = () =>
        cluster.member(node).statement({ kind: "write", run: () => 0 }, () => {
          answers += 1;
          cluster.process(node).after(1, again);
        });
      again();
    }
  }
  await cluster.pass(20_000);
  return { busy: cluster.dqlite.busyCount, answers };
}

test("whose single write was given up while it waited does not hold up the next ones of its node", async () => {
  const cluster = await settled();
  await warm(cluster);
  const node = cluster.followers()[0] as string;
  const letGo = cluster.dqlite.holdWriter(cluster.leader());
  ask(cluster, node, "write");
  await cluster.pass(900);
  // It is alone in its transaction when the one before ends with BUSY.
  const second = ask(cluster, node, "write");
  await cluster.pass(1200);
  expect(second.result).toBeNull();
  second.giveUp();
  const third = ask(cluster, node, "write");
  letGo();
  await cluster.pass(5000);
  expect(third.result?.ok).toBe(true);
  expect(second.ranAtMs).toEqual([]);
});
