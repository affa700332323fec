import { expect, test } from "vitest";
import { createWarmWorld } from "../world/warm-world.ts";
import type { ClusterSpec, World } from "../world/world.ts";
import { UNITS } from "../world/world.ts";
import type { FaultPlan, FaultyQuorate } from "./fault.ts";
import { faultById } from "./registry.ts";
import { specOf } from "./test-world.ts";

const START_MS = Date.UTC(2026, 5, 24, 12, 0);
const MINUTE_MS = 60_000;

interface Scene {
  readonly world: World;
  /** Begins a fault on nodes; the returned function undoes it. */
  readonly start: (
    id: string,
    nodes: readonly string[],
    parameters?: FaultPlan["parameters"],
    durationMs?: number,
  ) => () => void;
  readonly pass: (ms: number) => Promise<void>;
  /** Lines of both units of a node that contain the text. */
  readonly lines: (node: string, text: string) => number;
}

async function scene(spec: Partial<ClusterSpec> = {}): Promise<Scene> {
  const { world, driver } = await createWarmWorld({
    seed: 3,
    startMs: START_MS,
    spec: { ...specOf(), workload: "small", ...spec },
  });
  const quorate: FaultyQuorate = {
    place: "ops",
    kill: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
  return {
    world,
    start: (id, nodes, parameters = {}, durationMs = MINUTE_MS) => {
      const plan = { fault: id, nodes, atMs: 0, durationMs, parameters };
      const fault = faultById(id);
      if (fault === null) throw new Error(`no fault ${id}`);
      return fault.start(world, quorate, plan);
    },
    pass: (ms) => driver.runUntil(world.sim.nowMs() + ms),
    lines: (node, text) =>
      world
        .node(node)
        .host.journal.read({ fromMs: 0 })
        .filter(({ fields }) => (fields["MESSAGE"] ?? "").includes(text)).length,
  };
}

/** Of nine Leases; a poll a second is always late with some. */
const STALE = 6;

/** How many Leases of the store a node's watch cache does not know as they are: all when it stands still, one or two when it follows. */
function stale(world: World, node: string): number {
  const cached = world.node(node).apiserver.cacheRevisions().get("leases.coordination.k8s.io") ?? 0;
  return world.table.list("/registry/leases/").filter(({ modRevision }) => modRevision > cached).length;
}

const followers = (world: World) =>
  world.nodes.map(({ name }) => name).filter((name) => name !== world.dqlite.leader());
const firstFollower = (world: World) => followers(world)[0] as string;

test("a poll dies after 20 s without an answer, not after 18 s, and its cache stands still for good", async () => {
  const { world, start, pass } = await scene();
  const node = firstFollower(world);
  const isAlive = () => world.node(node).datastore.isPollAlive();
  for (const [seconds, alive] of [
    [18, true],
    [22, false],
  ] as const) {
    const undo = start("poll-death", [node], { how: "port-blocked" });
    await pass(seconds * 1000);
    undo();
    await pass(MINUTE_MS);
    expect(isAlive(), `${seconds} s`).toBe(alive);
    expect(stale(world, node) > STALE, `${seconds} s`).toBe(!alive);
  }
});

test("a leader that stands still for 26 s leaves dead polls, and is not the leader any more", async () => {
  const { world, start, pass } = await scene();
  const leader = world.dqlite.leader();
  const undo = start("poll-death", [], { how: "leader-paused" });
  await pass(26_000);
  undo();
  await pass(10_000);
  expect(world.dqlite.leader()).not.toBe(leader);
  expect(world.nodes.some(({ datastore }) => !datastore.isPollAlive())).toBe(true);
});

test("held streams freeze a cache above a live poll, and all of it arrives when they are let go", async () => {
  const { world, start, pass } = await scene();
  const undo = start("watch-streams-held", ["k8s02"], { whose: "apiserver" });
  await pass(MINUTE_MS);
  expect(world.node("k8s02").datastore.isPollAlive()).toBe(true);
  expect(stale(world, "k8s02")).toBeGreaterThan(STALE);
  expect(stale(world, "k8s01")).toBeLessThan(STALE);
  undo();
  await pass(2000);
  expect(stale(world, "k8s02")).toBeLessThan(STALE);
});

test("one resource's stream overflows while its reader stands still, and stays mute above a live poll", async () => {
  const { world, start, pass } = await scene();
  const node = firstFollower(world);
  const undo = start("stream-channel-full", [node], { writes: 703, bytes: 40_000 }, 150_000);
  await pass(150_000);
  undo();
  await pass(MINUTE_MS);
  expect(world.node(node).datastore.mutedPrefixes()).toEqual(["/registry/configmaps/"]);
  expect(world.node(node).datastore.isPollAlive()).toBe(true);
  expect(stale(world, node)).toBeLessThan(STALE);
});

test("a storm on slow disks makes writes fail for contention, and on idle ones it does not", async () => {
  const locked = "database is locked";
  for (const [syncMs, isContended] of [
    [2, false],
    [500, true],
  ] as const) {
    const { world, start, pass, lines } = await scene();
    const nodes = world.nodes.map(({ name }) => name);
    const undo = start("write-storm", nodes, { perSecond: 12, asEvents: false, syncMs });
    await pass(MINUTE_MS);
    undo();
    expect(
      nodes.some((node) => lines(node, locked) > 10),
      `${syncMs} ms`,
    ).toBe(isContended);
  }
});

test("a full disk of the leader lets no write through until there is room", async () => {
  const { world, start, pass } = await scene();
  const undo = start("disk-full", [world.dqlite.leader() as string], { leftBytes: 0 });
  await pass(5000);
  const { revision } = world.table;
  await pass(15_000);
  expect(world.table.revision).toBe(revision);
  undo();
  await pass(15_000);
  expect(world.table.revision).toBeGreaterThan(revision);
});

test("whose controllers lost their Lease ends its kubelite, and another node leads", async () => {
  const { world, start, pass } = await scene();
  const lease = "/registry/leases/kube-system/kube-controller-manager";
  const holder = () => {
    const stored = world.table.get(lease)?.value as { spec?: { holderIdentity?: string } } | undefined;
    return (stored?.spec?.holderIdentity ?? "").replace(/_.*/, "");
  };
  const before = holder();
  const pid = world.node(before).host.systemd.process(UNITS.kubelite)?.pid;
  start("lost-kcm", ["k8s01"], { lease: "kube-controller-manager" })();
  await pass(3 * MINUTE_MS);
  expect(world.node(before).host.systemd.process(UNITS.kubelite)?.pid).not.toBe(pid);
  expect(world.nodes.map(({ name }) => name)).toContain(holder());
});

test("two voters that are restarted at once leave no leader until their wrappers have slept", async () => {
  const { world, start, pass } = await scene();
  const [one, other] = followers(world);
  start("parallel-ansible-restart", [one as string, other as string], { apartMs: 0, kubelite: false });
  await pass(5000);
  expect(world.dqlite.leader()).toBeNull();
  await pass(20_000);
  expect(world.dqlite.leader()).not.toBeNull();
});

test("the restart lock is taken and given back as the production lock does it", async () => {
  const { world, start, pass } = await scene();
  const holder = () => {
    const stored = world.table.get("/registry/leases/kube-system/quorate-restart")?.value;
    return (stored as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity ?? null;
  };
  const undo = start("lock-holder-hangs", ["k8s01"], { leaseSeconds: 300 });
  await pass(2000);
  expect(holder()).toBe("ansible/update-home");
  undo();
  await pass(10_000);
  expect(holder()).toBe("");
});

test("a scrape prints kine.sock noise where it makes a client of its own, and nowhere else", async () => {
  for (const [release, isNoisy] of [
    ["1.35", true],
    ["1.33", false],
  ] as const) {
    const { world, start, pass, lines } = await scene({ release });
    const nodes = world.nodes.map(({ name }) => name);
    start("scrape-noise", nodes, { everyMs: 15_000 });
    await pass(2 * MINUTE_MS);
    const noise = nodes.reduce((sum, node) => sum + lines(node, "use of closed network connection"), 0);
    expect(noise > 0, release).toBe(isNoisy);
  }
});

test("a forged line is a pod's: its unit is not the datastore's", async () => {
  const { world, start, pass } = await scene();
  start("forged-log-lines", ["k8s01"], { perSecond: 5 }, 5000);
  await pass(5000);
  const forged = world
    .node("k8s01")
    .host.journal.read({ fromMs: START_MS })
    .filter(({ fields }) => (fields["MESSAGE"] ?? "").includes("database is locked"));
  expect(forged.length).toBeGreaterThan(3);
  for (const { fields } of forged) expect(fields["_SYSTEMD_UNIT"]).not.toContain("daemon-k8s-dqlite");
});
