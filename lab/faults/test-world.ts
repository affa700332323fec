import type { UnitRole } from "../../src/core/model/observation.ts";
import { createSim, type SimDriver } from "../sim/sim.ts";
import type { Json } from "../world/datastore/datastore.ts";
import type { ApiRequest, ApiServer } from "../world/kube/apiserver.ts";
import { createNetwork } from "../world/network.ts";
import { createProcess, type Process } from "../world/process.ts";
import { RELEASES, type ReleaseId } from "../world/releases.ts";
import { type ClusterSpec, type LabNode, UNITS, type World } from "../world/world.ts";
import type { FaultPlan, FaultyQuorate } from "./fault.ts";

const START_MS = Date.UTC(2026, 5, 24, 16, 0);

/** A cluster of that many nodes, as faults are drawn for it. */
export function specOf(count = 3, release: ReleaseId = "1.35"): ClusterSpec {
  const nodes = Array.from({ length: count }, (_, at) => ({ name: `k8s0${at + 1}`, address: `172.22.22.${6 + at}` }));
  return { nodes, release, workload: "idle" };
}

/** A plan by hand. */
export function plan(
  fault: string,
  nodes: readonly string[],
  parameters: FaultPlan["parameters"] = {},
  durationMs = 60_000,
): FaultPlan {
  return { fault, nodes, atMs: 0, durationMs, parameters };
}

/** A world of stage scenery: hosts, units and apiservers that only write down what is done to them. */
export interface TestWorld {
  readonly world: World;
  readonly driver: SimDriver;
  readonly quorate: FaultyQuorate;
  /** What was done, in order: `k8s01 KILL datastore`, `k8s02 PATCH /api/...`, `quorate kill`. */
  readonly did: string[];
  /** How the apiservers answer; 200 with no body by default. */
  answer: (request: ApiRequest) => { readonly status: number; readonly body: Json };
  /** Bodies that were sent, in order. */
  readonly bodies: Json[];
  /** Lets that much time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

export function createTestWorld(spec: ClusterSpec = specOf()): TestWorld {
  const driver = createSim({ seed: 1, startMs: START_MS });
  const { sim } = driver;
  const network = createNetwork(sim);
  const did: string[] = [];
  const test: { answer: TestWorld["answer"]; bodies: Json[] } = {
    answer: () => ({ status: 200, body: null }),
    bodies: [],
  };
  const nodes = spec.nodes.map(({ name, address }): LabNode => {
    const units = new Map<string, Process>();
    const boot = () =>
      Object.values(UNITS).forEach((unit, at) =>
        units.set(unit, createProcess(sim, { node: name, program: unit, pid: at + 1 })),
      );
    boot();
    const note = (what: string) => (unit: string, by: string) =>
      void did.push(`${name} ${what} ${role(unit)} by ${by}`);
    const clock = { offMs: 0, ppm: 0, sinceMs: sim.nowMs() };
    const clockNowMs = () => sim.nowMs() + clock.offMs + Math.round(((sim.nowMs() - clock.sinceMs) * clock.ppm) / 1e6);
    const host = {
      sim,
      network,
      name,
      address,
      isUp: true,
      bootedAtMs: sim.nowMs(),
      files: new Map<string, string>(),
      powerOff: () => {
        host.isUp = false;
        units.clear();
        did.push(`${name} off`);
      },
      powerOn: (bootMs: number) => {
        host.isUp = true;
        boot();
        did.push(`${name} on after ${bootMs}`);
      },
      systemd: {
        process: (unit: string) => units.get(unit) ?? null,
        start: note("start"),
        stop: note("stop"),
        restart: note("restart"),
        kill: (unit: string, signal: string) => {
          did.push(`${name} ${signal} ${role(unit)}`);
          if (signal === "STOP") units.get(unit)?.pause();
          if (signal === "CONT") units.get(unit)?.resume();
        },
      },
      journal: {
        printAsPod: (pod: string, line: string) => void did.push(`${name} ${pod}: ${line}`),
        rotate: (keptMs: number) => void did.push(`${name} rotate ${keptMs}`),
      },
      clock: {
        nowMs: clockNowMs,
        step: (byMs: number) => {
          clock.offMs += byMs;
        },
        drift: (ppm: number) => {
          clock.offMs = clockNowMs() - sim.nowMs();
          clock.sinceMs = sim.nowMs();
          clock.ppm = ppm;
        },
      },
      disk: { freeBytes: 1e9, syncMs: 1 },
    };
    const listener = createProcess(sim, { node: name, program: "kubelite", pid: 3 });
    const port = { node: name, listener };
    const request: ApiServer["request"] = (client, asked, answered, refused) =>
      network.call({
        from: client,
        to: port,
        serve: (answer) => {
          did.push(`${name} ${asked.method} ${asked.path}`);
          if (asked.body !== undefined) test.bodies.push(asked.body);
          answer({ ...test.answer(asked), dateMs: Math.floor(sim.nowMs() / 1000) * 1000 });
        },
        answered,
        refused,
      });
    const holdStreams = (program: string) => {
      did.push(`${name} hold ${program}`);
      return () => void did.push(`${name} let go ${program}`);
    };
    return {
      name,
      address,
      host,
      apiserver: { request },
      datastore: { holdStreams, holdWatches: () => holdStreams("all") },
    } as unknown as LabNode;
  });
  const world = {
    sim,
    spec,
    release: RELEASES[spec.release],
    network,
    nodes,
    node: (name: string) => nodes.find((node) => node.name === name),
    dqlite: { leader: () => nodes[0]?.name ?? null },
  } as unknown as World;
  const quorate: FaultyQuorate = {
    place: "ops",
    kill: () => void did.push("quorate kill"),
    pause: () => void did.push("quorate pause"),
    resume: () => void did.push("quorate resume"),
  };
  return Object.assign(test, {
    world,
    driver,
    quorate,
    did,
    pass: (ms: number) => driver.runUntil(sim.nowMs() + ms),
  });
}

function role(unit: string): UnitRole {
  return unit === UNITS.datastore ? "datastore" : "kubelite";
}
