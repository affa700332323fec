import { expect, test } from "vitest";
import type { Statement } from "./dqlite.ts";
import { createTestCluster, type TestCluster } from "./test-cluster.ts";

const SEEDS = Array.from({ length: 10 }, (_, at) => at + 1);

async function settled(options: Parameters<typeof createTestCluster>[0] = {}): Promise<TestCluster> {
  const cluster = createTestCluster(options);
  await cluster.pass(15_000);
  return cluster;
}

interface Asked {
  result: Statement<number> | null;
  /** When `run` ran; a list, for what ran twice. */
  readonly ranAtMs: number[];
  tookMs: number;
  giveUp: () => void;
}

function ask(cluster: TestCluster, node: string, kind: "read" | "write"): Asked {
  const fromMs = cluster.sim.nowMs();
  const asked: Asked = { result: null, ranAtMs: [], tookMs: -1, giveUp: () => undefined };
  const run = () => asked.ranAtMs.push(cluster.sim.nowMs());
  asked.giveUp = cluster.member(node).statement({ kind, run }, (result) => {
    asked.result = result;
    asked.tookMs = cluster.sim.nowMs() - fromMs;
  });
  return asked;
}

async function warm(cluster: TestCluster): Promise<void> {
  for (const { node } of cluster.dqlite.members) ask(cluster, node, "read");
  await cluster.pass(100);
}

test("a read takes a few ms from any node, a write the disk and a round trip more", async () => {
  const cluster = await settled();
  await warm(cluster);
  for (const { node } of cluster.dqlite.members) {
    const read = ask(cluster, node, "read");
    await cluster.pass(50);
    expect(read.tookMs).toBeLessThanOrEqual(4);
    const write = ask(cluster, node, "write");
    await cluster.pass(50);
    expect(write.tookMs).toBeGreaterThanOrEqual(5);
    expect(write.tookMs).toBeLessThanOrEqual(15);
    expect(write.ranAtMs).toHaveLength(1);
  }
  expect(cluster.dqlite.members.every(({ isQuick }) => isQuick)).toBe(true);
});

test("a slow disk of the leader is in every write", async () => {
  const cluster = await settled();
  await warm(cluster);
  for (const host of cluster.hosts) if (host.name === cluster.leader()) host.disk.syncMs = 400;
  const write = ask(cluster, cluster.followers()[0] as string, "write");
  await cluster.pass(1000);
  expect(write.tookMs).toBeGreaterThanOrEqual(400);
});

test("a killed leader's statements are tried again on the next one, within 10 s and once", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    await warm(cluster);
    const asked = cluster.followers().map((node) => ask(cluster, node, "write"));
    cluster.kill(cluster.leader());
    await cluster.pass(10_000);
    for (const { result, ranAtMs } of asked) {
      expect(result).toMatchObject({ ok: true });
      expect(ranAtMs).toHaveLength(1);
    }
  }
});

test("with go-dqlite 3 a paused leader holds the statements of all nodes until it goes on, or for 20 to 34 s", async () => {
  const waits: number[] = [];
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    await warm(cluster);
    const leader = cluster.leader();
    const nodes = cluster.followers();
    cluster.process(leader).pause();
    await cluster.pass(1000);
    const asked = nodes.map((node) => ask(cluster, node, "write"));
    await cluster.pass(59_000);
    cluster.process(leader).resume();
    await cluster.pass(1000);
    for (const { result, ranAtMs, tookMs } of asked) {
      expect(result?.ok).toBe(true);
      expect(ranAtMs).toHaveLength(1);
      waits.push(tookMs);
    }
  }
  expect(Math.min(...waits)).toBeGreaterThan(20_000);
  expect(Math.max(...waits)).toBeLessThan(36_000);
});

test("before, only what was on its connection hangs: new statements find the new leader within 10 s", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed, release: "1.33" });
    await warm(cluster);
    const node = cluster.followers()[0] as string;
    cluster.process(cluster.leader()).pause();
    await cluster.pass(1000);
    const caught = ask(cluster, node, "read");
    await cluster.pass(4000);
    const fresh = ask(cluster, node, "read");
    await cluster.pass(6000);
    expect(fresh.result?.ok).toBe(true);
    expect(caught.result).toBeNull();
  }
});

test("what hangs on the old connection goes on when the leader does", async () => {
  const cluster = await settled({ release: "1.33" });
  await warm(cluster);
  const leader = cluster.leader();
  const node = cluster.followers()[0] as string;
  cluster.process(leader).pause();
  await cluster.pass(1000);
  const caught = ask(cluster, node, "read");
  await cluster.pass(60_000);
  expect(caught.result).toBeNull();
  cluster.process(leader).resume();
  await cluster.pass(1000);
  expect(caught.result?.ok).toBe(true);
});

test("a short pause of the leader only delays: nothing is lost, nothing happens twice", async () => {
  for (const seed of SEEDS) {
    const cluster = await settled({ seed });
    await warm(cluster);
    const leader = cluster.leader();
    const asked = cluster.dqlite.members.map(({ node }) => ask(cluster, node, "write"));
    await cluster.pass(2);
    cluster.process(leader).pause();
    await cluster.pass(10_000);
    expect(asked.every(({ result }) => result === null)).toBe(true);
    cluster.process(leader).resume();
    await cluster.pass(3000);
    for (const { result, ranAtMs } of asked) {
      expect(result?.ok).toBe(true);
      expect(ranAtMs).toHaveLength(1);
    }
  }
});

test("nothing is committed by a leader that has no majority", async () => {
  const cluster = await settled();
  await warm(cluster);
  const leader = cluster.leader();
  cluster.cutOff(leader);
  const lost = ask(cluster, leader, "write");
  await cluster.pass(8000);
  expect(lost.ranAtMs).toEqual([]);
  cluster.rejoin(leader);
  await cluster.pass(20_000);
  expect(lost.ranAtMs).toHaveLength(1);
});

test("a single write that was given up while it hung does not happen later", async () => {
  const cluster = await settled({ release: "1.33" });
  await warm(cluster);
  const node = cluster.followers()[0] as string;
  const leader = cluster.leader();
  cluster.process(leader).pause();
  await cluster.pass(100);
  const write = ask(cluster, node, "write");
  await cluster.pass(2000);
  write.giveUp();
  cluster.process(leader).resume();
  await cluster.pass(60_000);
  expect([write.result, write.ranAtMs]).toEqual([null, []]);
});

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

test("the search for a leader is printed as go-dqlite does, about once a second, from 1.34 on", async () => {
  for (const release of ["1.33", "1.35"] as const) {
    const cluster = await settled({ release });
    await warm(cluster);
    const survivor = cluster.leader();
    const host = cluster.hosts.find(({ name }) => name === survivor);
    for (const node of cluster.followers()) cluster.kill(node);
    await cluster.pass(6000);
    ask(cluster, survivor, "read");
    await cluster.pass(17_500);
    const lines = (host?.journal.read({ fromMs: 0 }) ?? [])
      .map(({ fields }) => fields["MESSAGE"] ?? "")
      .filter((line) => line.includes("[go-dqlite]"));
    if (release === "1.33") {
      expect(lines).toEqual([]);
    } else {
      const time = String.raw`time="2026-06-24T16:00:\d\dZ" level=warning `;
      expect(lines[0]).toMatch(new RegExp(`^${time}msg="\\[go-dqlite\\] attempt 1: server \\S+: `));
      expect(lines.join("\n")).toMatch(/attempt 1[5-9]: server 172\.22\.22\.\d:19001: no known leader/);
      expect(lines.join("\n")).toMatch(
        /server 172\.22\.22\.\d:19001: dial: dial tcp 172\.22\.22\.\d:19001: connect: connection refused/,
      );
    }
  }
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
