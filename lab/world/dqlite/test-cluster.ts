import type { Sim } from "../../sim/sim.ts";
import { createSim, type SimDriver } from "../../sim/sim.ts";
import { createHost } from "../host/create-host.ts";
import type { Host } from "../host/host.ts";
import { createNetwork, type Network } from "../network.ts";
import type { Process } from "../process.ts";
import { RELEASES, type ReleaseId } from "../releases.ts";
import type { ClusterSpec } from "../world.ts";
import { createDqlite } from "./create-dqlite.ts";
import type { Dqlite, DqliteMember, Statement } from "./dqlite.ts";

const START_MS = Date.UTC(2026, 5, 24, 16);

/** A raft cluster on hosts, without systemd: each member's process is started and ended by the test. */
export interface TestCluster extends SimDriver {
  readonly sim: Sim;
  readonly network: Network;
  readonly dqlite: Dqlite;
  readonly hosts: readonly Host[];
  /** The log's lines. */
  readonly lines: string[];
  member(node: string): DqliteMember;
  /** Its running process; throws when it is down. */
  process(node: string): Process;
  start(node: string): void;
  kill(node: string): void;
  /** The nodes that do not lead. */
  followers(): string[];
  leader(): string;
  pass(ms: number): Promise<void>;
  cutOff(node: string): void;
  rejoin(node: string): void;
  /** Ms until it holds; throws when it does not within `withinMs`. */
  until(holds: () => boolean, withinMs: number): Promise<number>;
}

export function specOf(count: number, release: ReleaseId): ClusterSpec {
  const nodes = Array.from({ length: count }, (_, at) => ({ name: `k8s0${at + 1}`, address: `172.22.22.${at + 1}` }));
  return { nodes, release, workload: "idle" };
}

export function createTestCluster({
  seed = 1,
  count = 3,
  release = "1.35",
  onBoot = () => undefined,
}: {
  readonly seed?: number;
  readonly count?: number;
  readonly release?: ReleaseId;
  readonly onBoot?: (node: string, process: Process) => void;
} = {}): TestCluster {
  const lines: string[] = [];
  const driver = createSim({ seed, startMs: START_MS, onLog: ({ who, text }) => lines.push(`${who}: ${text}`) });
  const { sim } = driver;
  const network = createNetwork(sim);
  const spec = specOf(count, release);
  const hosts = spec.nodes.map(({ name, address }) => createHost({ sim, network, name, address }));
  const dqlite = createDqlite({ sim, network, hosts, spec, release: RELEASES[release] });
  const processes = new Map<string, Process>();
  const hostOf = (node: string) => hosts.find(({ name }) => name === node) as Host;
  const member = (node: string) => dqlite.members.find((one) => one.node === node) as DqliteMember;
  const process = (node: string) => {
    const found = processes.get(node);
    if (found === undefined || found.state === "ended") throw new Error(`${node} is down`);
    return found;
  };
  const start = (node: string) => {
    const made = hostOf(node).spawn("k8s-dqlite");
    processes.set(node, made);
    member(node).boot(made);
    onBoot(node, made);
  };
  for (const { name } of spec.nodes) start(name);
  const others = (node: string) => spec.nodes.map(({ name }) => name).filter((name) => name !== node);
  const pass = (ms: number) => driver.runUntil(sim.nowMs() + ms);
  const leader = () => {
    const found = dqlite.leader();
    if (found === null) throw new Error("no leader");
    return found;
  };
  return {
    sim,
    get events() {
      return driver.events;
    },
    runUntil: (untilMs) => driver.runUntil(untilMs),
    drive: (promise, untilMs) => driver.drive(promise, untilMs),
    nextAtMs: () => driver.nextAtMs(),
    network,
    dqlite,
    hosts,
    lines,
    member,
    process,
    start,
    kill: (node) => process(node).end({ code: "killed", signal: "KILL" }),
    leader,
    followers: () => others(leader()),
    pass,
    cutOff: (node) => {
      for (const other of others(node)) {
        network.cut(node, other);
        network.cut(other, node);
      }
    },
    rejoin: (node) => {
      for (const other of others(node)) {
        network.heal(node, other);
        network.heal(other, node);
      }
    },
    until: async (holds, withinMs) => {
      const fromMs = sim.nowMs();
      while (!holds()) {
        if (sim.nowMs() - fromMs > withinMs) throw new Error(`not within ${withinMs} ms`);
        await pass(10);
      }
      return sim.nowMs() - fromMs;
    },
  };
}

/** A cluster that has its leader. */
export async function settled(options: Parameters<typeof createTestCluster>[0] = {}): Promise<TestCluster> {
  const cluster = createTestCluster(options);
  await cluster.pass(15_000);
  return cluster;
}

/** A statement and what came of it. */
export interface Asked {
  result: Statement<number> | null;
  /** When `run` ran; a list, for what ran twice. */
  readonly ranAtMs: number[];
  tookMs: number;
  giveUp: () => void;
}

export function ask(cluster: TestCluster, node: string, kind: "read" | "write"): Asked {
  const fromMs = cluster.sim.nowMs();
  const asked: Asked = { result: null, ranAtMs: [], tookMs: -1, giveUp: () => undefined };
  const run = () => asked.ranAtMs.push(cluster.sim.nowMs());
  asked.giveUp = cluster.member(node).statement({ kind, run }, (result) => {
    asked.result = result;
    asked.tookMs = cluster.sim.nowMs() - fromMs;
  });
  return asked;
}

/** Every node has found the leader. */
export async function warm(cluster: TestCluster): Promise<void> {
  for (const { node } of cluster.dqlite.members) ask(cluster, node, "read");
  await cluster.pass(100);
}
