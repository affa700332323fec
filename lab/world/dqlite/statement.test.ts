import { expect, test } from "vitest";
import { ask, settled, warm } from "./test-cluster.ts";

const SEEDS = Array.from({ length: 10 }, (_, at) => at + 1);

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

test("what was answered is not sent again when its leader goes", async () => {
  for (const release of ["1.33", "1.35"] as const) {
    const cluster = await settled({ release });
    await warm(cluster);
    const asked = cluster.dqlite.members.flatMap(({ node }) => [1, 2, 3].map(() => ask(cluster, node, "write")));
    await cluster.pass(1000);
    cluster.process(cluster.leader()).pause();
    await cluster.pass(40_000);
    cluster.kill(
      cluster.dqlite.members.map(({ node }) => node).find((node) => cluster.process(node).state === "paused") ?? "",
    );
    await cluster.pass(40_000);
    for (const { ranAtMs } of asked) expect(ranAtMs).toHaveLength(1);
  }
});
