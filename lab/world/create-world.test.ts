import { expect, test } from "vitest";
import type { ApiResponse } from "./kube/apiserver.ts";
import { createWarmWorld } from "./warm-world.ts";
import { type ClusterSpec, OPERATOR_MACHINE, UNITS, type World } from "./world.ts";

const START_MS = Date.UTC(2026, 5, 24, 16, 0);
const MINUTE_MS = 60_000;

const SPEC: ClusterSpec = {
  nodes: [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `172.22.22.${5 + at}` })),
  release: "1.35",
  workload: "idle",
};

/** A warm world, and everything that is ever said in it: the simulation's log and each journal. */
async function warm(seed: number, spec = SPEC) {
  const said: string[] = [];
  const onLog = ({ atMs, who, text }: { atMs: number; who: string; text: string }) =>
    said.push(`${atMs} ${who}: ${text}`);
  const { driver, world } = await createWarmWorld({ seed, startMs: START_MS, spec, onLog });
  for (const { name, host } of world.nodes) {
    host.journal.follow(({ realtimeMs, fields }) =>
      said.push(`${realtimeMs} ${name} journal: ${JSON.stringify(fields)}`),
    );
  }
  const runFor = (ms: number) => driver.runUntil(driver.sim.nowMs() + ms);
  return { world, driver, said, runFor };
}

/** Asks each apiserver from the operator's machine. */
async function askAll(world: World, runFor: (ms: number) => Promise<void>, path: string) {
  const client = world.host(OPERATOR_MACHINE).spawn("kubectl");
  const answers = new Map<string, ApiResponse | string>();
  for (const { name, apiserver } of world.nodes) {
    apiserver.request(
      client,
      { method: "GET", path },
      (response) => answers.set(name, response),
      (why) => answers.set(name, why),
    );
  }
  await runFor(1000);
  return world.nodes.map(({ name }) => answers.get(name));
}

test("three nodes come up: units run, one leads, the apiservers are ready, and Leases are renewed", async () => {
  const { world, runFor } = await warm(1);
  for (const { host } of world.nodes) {
    for (const unit of Object.values(UNITS)) {
      expect(host.systemd.state(unit)).toMatchObject({ activeState: "active", subState: "running", restarts: 0 });
    }
  }
  expect(world.dqlite.leader()).not.toBeNull();
  const leaders = world.nodes.map(({ member }) => member.state().leader?.address);
  expect(new Set(leaders).size).toBe(1);
  for (const answer of await askAll(world, runFor, "/readyz")) expect(answer).toMatchObject({ status: 200 });
  const renewals = () =>
    world.table.list("/registry/leases/").map(({ key, value }) => {
      const { spec } = value as { readonly spec: { readonly renewTime: string } };
      return `${key} ${spec.renewTime}`;
    });
  const before = renewals();
  const keys = before.map((line) => line.split(" ")[0]);
  expect(keys).toContain("/registry/leases/kube-system/kube-controller-manager");
  expect(keys).toContain("/registry/leases/kube-system/kube-scheduler");
  for (const { name } of world.nodes) expect(keys).toContain(`/registry/leases/kube-node-lease/${name}`);
  await runFor(MINUTE_MS);
  const after = renewals();
  expect(after).toHaveLength(before.length);
  expect(after.filter((line) => before.includes(line))).toEqual([]);
});

test.each([
  { count: 1, release: "1.36", workload: "small" },
  { count: 2, release: "1.33", workload: "idle" },
  { count: 4, release: "1.28", workload: "pir" },
  { count: 7, release: "1.35", workload: "small" },
] as const)("$count nodes of $release come up with the workload $workload, and nothing restarts", async (cluster) => {
  const { count, release, workload } = cluster;
  const nodes = Array.from({ length: count }, (_, at) => ({ name: `k8s0${at + 1}`, address: `172.22.22.${6 + at}` }));
  const { world, runFor } = await warm(4, { nodes, release, workload });
  await runFor(5 * MINUTE_MS);
  expect(world.dqlite.leader()).not.toBeNull();
  const roles = world.nodes.map(
    ({ member }) => member.state().servers.find(({ id }) => id === member.state().id)?.role,
  );
  expect(roles).toEqual(["voter", "voter", "voter", "stand-by", "stand-by", "stand-by", "spare"].slice(0, count));
  for (const { host, apiserver, datastore } of world.nodes) {
    for (const unit of Object.values(UNITS)) expect(host.systemd.state(unit)).toMatchObject({ restarts: 0 });
    expect(datastore.isPollAlive()).toBe(true);
    const cached = apiserver.cacheRevisions().get("leases.coordination.k8s.io") ?? 0;
    expect(world.table.revision - cached).toBeLessThan(10);
  }
  expect(world.table.list("/registry/pods/").length > 0).toBe(workload !== "idle");
});

/** Ten minutes with a restart, a kill, a pause and a power loss. */
async function story(seed: number): Promise<string> {
  const { world, said, runFor } = await warm(seed, { ...SPEC, workload: "pir" });
  const [one, two, three] = world.nodes.map(({ host }) => host);
  await runFor(MINUTE_MS);
  one?.systemd.restart(UNITS.datastore, "ansible");
  await runFor(MINUTE_MS);
  two?.systemd.kill(UNITS.kubelite, "KILL");
  await runFor(MINUTE_MS);
  three?.systemd.kill(UNITS.datastore, "STOP");
  await runFor(MINUTE_MS / 2);
  three?.systemd.kill(UNITS.datastore, "CONT");
  await runFor(MINUTE_MS);
  two?.powerOff();
  await runFor(MINUTE_MS);
  two?.powerOn(20_000);
  await runFor(5 * MINUTE_MS);
  said.push(`revision ${world.table.revision}`);
  return said.join("\n");
}

test("the same seed gives the same words, byte for byte; another seed others", async () => {
  const first = await story(7);
  expect(first.length).toBeGreaterThan(1000);
  expect(await story(7)).toBe(first);
  expect(await story(8)).not.toBe(first);
}, 60_000);

test("what was answered is not written again when the leader goes", async () => {
  const { world, runFor } = await warm(2);
  const written: string[] = [];
  for (const { name, member } of world.nodes) {
    for (let at = 0; at < 5; at += 1) {
      member.statement({ kind: "write", run: () => written.push(`${name} ${at}`) }, () => undefined);
    }
  }
  await runFor(5000);
  expect(new Set(written).size).toBe(15);
  const leader = world.node(world.dqlite.leader() ?? "");
  leader.host.systemd.kill(UNITS.datastore, "KILL");
  await runFor(MINUTE_MS);
  expect(written).toHaveLength(15);
});

test("what an idle hour costs (shown, not judged)", async () => {
  const { driver, runFor } = await warm(3);
  const eventsBefore = driver.events;
  // oxlint-disable-next-line no-restricted-globals -- Shown to people; nothing depends on it.
  const beganAtMs = performance.now();
  await runFor(60 * MINUTE_MS);
  // oxlint-disable-next-line no-restricted-globals -- As above.
  const tookMs = performance.now() - beganAtMs;
  const events = driver.events - eventsBefore;
  console.info(`an idle hour: ${Math.round(tookMs)} ms, ${events} events, ${Math.round(3_600_000 / tookMs)} x`);
  expect(events).toBeGreaterThan(0);
}, 120_000);
