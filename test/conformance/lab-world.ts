import type { Sim } from "../../lab/sim/sim.ts";
import { createWarmWorld } from "../../lab/world/warm-world.ts";
import { type ClusterSpec, type LabNode, UNITS, type World } from "../../lab/world/world.ts";
import { type Answered, play } from "./play.ts";
import type { Scene } from "./question.ts";
import { at } from "./ways.ts";
import type { ConformanceWorld, FeedWatch, Json, Request, Response } from "./world.ts";

const START_MS = Date.UTC(2026, 5, 24, 16, 0);

/** The twin's nodes, with nothing to do as it has. */
const SPEC: ClusterSpec = {
  nodes: [1, 2, 3].map((number) => ({ name: `k8s0${number}`, address: `198.51.100.1${number}` })),
  release: "1.36",
  workload: "idle",
};

/** No scene takes longer. */
const SCENE_MS = 30 * 60_000;
const ASK_MS = 10_000;
/** As the twin's reader has it. */
const RANGE_MS = 2000;

/** Plays a scene in a fresh lab of that seed; the same seed gives the same answers. */
export async function playInLab(scene: Scene, seed: number): Promise<readonly Answered[]> {
  const { driver, world } = await createWarmWorld({ seed, startMs: START_MS, spec: SPEC });
  return driver.drive(play(createLabWorld(world), scene), START_MS + SCENE_MS);
}

/** The lab by the interface that the twin has too. All promises settle in virtual time. */
function createLabWorld(world: World): ConformanceWorld {
  const { sim } = world;
  const unitOf = (node: string) => world.node(node).host.systemd;
  return {
    nodes: world.nodes.map(({ name }) => name),
    nowMs: () => sim.nowMs(),
    pass: (ms) => sim.clock.sleep(ms),
    leaderBy: (members) => Promise.resolve(leaderBy(world, members)),
    ask: (node, request) => ask(sim, world.node(node), request),
    storeRevision: (node) => storeRevision(sim, world.node(node)),
    watch: (node, prefix) => Promise.resolve(watch(world.node(node), prefix)),
    counters: (node) => {
      const { datastore } = world.node(node);
      if (datastore.port.listener?.state !== "running") return Promise.resolve(null);
      const { pollQueries, otherQueries } = datastore.counters();
      return Promise.resolve({ poll: pollQueries, other: otherQueries });
    },
    pause: (node, program) => {
      const unit = program === "datastore" ? UNITS.datastore : UNITS.kubelite;
      unitOf(node).kill(unit, "STOP");
      return Promise.resolve(() => Promise.resolve(unitOf(node).kill(unit, "CONT")));
    },
    kill: (node, unit) => Promise.resolve(unitOf(node).kill(UNITS[unit], "KILL")),
    restart: (node, unit) =>
      new Promise((resolve) => unitOf(node).restart(UNITS[unit], "operator", () => sim.settle(resolve))),
    unit: (node, unit) => {
      const { activeState, invocationId } = unitOf(node).state(UNITS[unit]);
      const hasProgram = unitOf(node).process(UNITS[unit]) !== null;
      return Promise.resolve({ isActive: activeState === "active", invocationId: invocationId ?? "", hasProgram });
    },
    holdStreams: (node) => {
      const kubelite = unitOf(node).process(UNITS.kubelite);
      if (kubelite === null) throw new Error(`${node}: no kubelite runs`);
      const release = world.node(node).datastore.holdStreams?.(kubelite.program);
      if (release === undefined) throw new Error(`${node}: its datastore cannot hold streams back`);
      return Promise.resolve({ release: () => Promise.resolve(release()), close: () => Promise.resolve() });
    },
  };
}

function leaderBy(world: World, members: readonly string[]): string | null {
  const believed = members.map((name) => {
    const { member } = world.node(name);
    if (member.port.listener?.state !== "running") return null;
    const { leader } = member.state();
    return world.nodes.find(({ address }) => leader?.address.split(":")[0] === address)?.name ?? null;
  });
  for (const [index, name] of members.entries()) {
    const named = believed.filter((one) => one === name).length;
    if (believed[index] === name && named * 2 > world.nodes.length) return name;
  }
  return null;
}

function ask(sim: Sim, { host, apiserver }: LabNode, request: Request): Promise<Response> {
  const startedAtMs = sim.nowMs();
  // On the node itself, as the twin's curl.
  const client = host.spawn("curl");
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (status: number, body: Json): void => {
      if (isOver) return;
      isOver = true;
      client.end({ code: "exited", status: 0 });
      const revision = Number(at(body, "metadata", "resourceVersion") ?? 0);
      sim.settle(() => resolve({ status, ms: sim.nowMs() - startedAtMs, revision, body }));
    };
    sim.after(request.timeoutMs ?? ASK_MS, () => finish(0, "timeout"));
    apiserver.request(
      client,
      { ...request, method: request.method ?? "GET" },
      ({ status, body }) => finish(status, body),
      (why) => finish(0, why),
    );
  });
}

function storeRevision(sim: Sim, { datastore, host }: LabNode): Promise<number | null> {
  const client = host.spawn("etcdctl");
  return new Promise((resolve) => {
    const timeout = sim.after(RANGE_MS, () => finish(null));
    const finish = (revision: number | null): void => {
      if (client.state === "ended") return;
      timeout.cancel();
      client.end({ code: "exited", status: 0 });
      sim.settle(() => resolve(revision));
    };
    datastore.range(client, { key: "/registry/health", timeoutMs: RANGE_MS }, (answer) =>
      finish(answer.ok ? answer.value.revision : null),
    );
  });
}

function watch({ datastore, host }: LabNode, prefix: string): FeedWatch {
  const client = host.spawn("etcdctl");
  const seen = { created: null as number | null, events: [] as number[], progress: [] as number[], isOpen: true };
  const stream = datastore.watch(
    client,
    { prefix, afterRevision: null, periodicProgress: false },
    {
      onCreated: (revision) => (seen.created = revision),
      onEvents: (events) => seen.events.push(Math.max(...events.map(({ revision }) => revision))),
      onProgress: (revision) => seen.progress.push(revision),
      onEnd: () => (seen.isOpen = false),
    },
  );
  return Object.assign(seen, {
    requestProgress: () => stream.requestProgress(),
    close: () => {
      stream.close();
      seen.isOpen = false;
      client.end({ code: "exited", status: 0 });
    },
  });
}
