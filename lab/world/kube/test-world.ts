import { createSim } from "../../sim/sim.ts";
import type { Json } from "../datastore/datastore.ts";
import type { Host } from "../host/host.ts";
import { createNetwork } from "../network.ts";
import { createProcess, type Process } from "../process.ts";
import { RELEASES } from "../releases.ts";
import type { ApiRequest, ApiResponse, ApiServer } from "./apiserver.ts";
import { createApiServer } from "./create-apiserver.ts";
import { createTestDatastore, createTestStore, type TestDatastore } from "./test-datastore.ts";

export const START_MS = Date.UTC(2026, 5, 24, 15, 30);

export interface TestNode {
  readonly datastore: TestDatastore;
  readonly apiserver: ApiServer;
  readonly host: Host;
  readonly lines: string[];
  /** The kubelite that runs now. */
  kubelite: Process;
  boot(): void;
}

/** Nodes with apiservers on one store without raft; ready after `ready()`. */
export function createTestWorld({ nodes = 1, release = RELEASES["1.35"], seed = 1 } = {}) {
  const driver = createSim({ seed, startMs: START_MS });
  const { sim } = driver;
  const network = createNetwork(sim);
  const store = createTestStore();
  const made = Array.from({ length: nodes }, (_, at) => makeNode(`k8s0${at + 1}`));
  const client = createProcess(sim, { node: "ops", program: "kubectl", pid: 7 });

  function makeNode(name: string): TestNode {
    const lines: string[] = [];
    let skewMs = 0;
    const host = {
      sim,
      network,
      name,
      clock: { nowMs: () => sim.nowMs() + skewMs, step: (byMs: number) => (skewMs += byMs) },
      journal: { print: (_from: unknown, line: string) => lines.push(line) },
    } as unknown as Host;
    const datastore = createTestDatastore(sim, network, name, store);
    const apiserver = createApiServer({ sim, network, host, datastore, release });
    const start = () => createProcess(sim, { node: name, program: "kubelite", pid: 6065 });
    const node: TestNode = {
      datastore,
      apiserver,
      host,
      lines,
      kubelite: start(),
      boot: () => {
        node.kubelite = start();
        apiserver.boot(node.kubelite);
      },
    };
    apiserver.boot(node.kubelite);
    return node;
  }

  const pass = (ms: number) => driver.runUntil(sim.nowMs() + ms);

  /** One request from the operator's machine; null when nothing came within `limitMs`. */
  async function ask(
    request: ApiRequest,
    { node = made[0]!, limitMs = 100_000, from = client } = {},
  ): Promise<(ApiResponse & { readonly latencyMs: number }) | null> {
    const startedAtMs = sim.nowMs();
    const answer = new Promise<(ApiResponse & { readonly latencyMs: number }) | null>((resolve) => {
      const timer = sim.after(limitMs, () => sim.settle(() => resolve(null)));
      const settle = (response: ApiResponse | null) =>
        sim.settle(() => {
          timer.cancel();
          resolve(response === null ? null : { ...response, latencyMs: sim.nowMs() - startedAtMs });
        });
      node.apiserver.request(from, request, settle, (why) => settle({ status: 0, body: why, dateMs: 0 }));
    });
    return driver.drive(answer, startedAtMs + limitMs + 1);
  }

  async function get(path: string, query: Readonly<Record<string, string>> = {}, node = made[0] as TestNode) {
    return ask({ method: "GET", path, query }, { node });
  }

  async function send(method: ApiRequest["method"], path: string, body?: Json, contentType?: string) {
    return ask({
      method,
      path,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
  }

  return { ...driver, sim, network, store, nodes: made, node: made[0] as TestNode, client, pass, ask, get, send };
}

export type TestWorld = ReturnType<typeof createTestWorld>;

/** Long enough for an apiserver to be ready. */
export const READY_MS = 5000;
