import type { NodeName } from "../../src/core/model/observation.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import type { SimDriver } from "../sim/sim.ts";
import { createProcess, type Process } from "../world/process.ts";
import { createWarmWorld } from "../world/warm-world.ts";
import { type ClusterSpec, UNITS, type World } from "../world/world.ts";
import type { NewQuorateEvent } from "./events.ts";
import { createLabTaps } from "./taps.ts";

const START_MS = Date.UTC(2026, 5, 24, 12, 0);

/** Three emulated nodes that serve, and a Quorate process on one of the machines. */
export interface TestCluster {
  readonly world: World;
  readonly driver: SimDriver;
  readonly process: Process;
  readonly events: NewQuorateEvent[];
  taps(node: NodeName): NodeTaps;
  pass(seconds: number): Promise<void>;
  /** Lets time pass until it is settled, at most ten minutes. */
  settled<T>(promise: Promise<T>): Promise<T>;
  stopProgram(node: NodeName, role: keyof typeof UNITS): void;
}

export async function createTestCluster(from: NodeName = "ops", spec: Partial<ClusterSpec> = {}): Promise<TestCluster> {
  const nodes = [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `192.0.2.${10 + at}` }));
  const { world, driver } = await createWarmWorld({
    seed: 5,
    startMs: START_MS,
    spec: { nodes, release: "1.35", workload: "small", ...spec },
  });
  const { sim } = world;
  const process = createProcess(sim, { node: from, program: "quorate", pid: 4711 });
  const events: NewQuorateEvent[] = [];
  return {
    world,
    driver,
    process,
    events,
    taps: (node) => createLabTaps({ sim, world, process, node, onEvent: (event) => events.push(event) }),
    pass: (seconds) => driver.runUntil(sim.nowMs() + seconds * 1000),
    settled: (promise) => driver.drive(promise, sim.nowMs() + 600_000),
    stopProgram: (node, role) => world.node(node).host.systemd.kill(UNITS[role], "STOP"),
  };
}

/** Kills the node's poll as the field does it: its datastore's port is blocked for longer than the poll's deadline. */
export async function killFeed(cluster: TestCluster): Promise<NodeName> {
  const { world } = cluster;
  const node = world.nodes.find(({ name }) => name !== world.dqlite.leader())?.name ?? "";
  const others = world.nodes.filter(({ name }) => name !== node);
  for (const { name } of others) {
    world.network.cut(node, name);
    world.network.cut(name, node);
  }
  await cluster.pass(24);
  if (world.node(node).datastore.isPollAlive()) throw new Error(`the poll of ${node} lives on`);
  for (const { name } of others) {
    world.network.heal(node, name);
    world.network.heal(name, node);
  }
  return node;
}
