import { createSim } from "../../sim/sim.ts";
import { createHost } from "../host/create-host.ts";
import type { ApiRequest, ApiResponse } from "../kube/apiserver.ts";
import type { KubeObject } from "../kube/object.ts";
import { createNetwork } from "../network.ts";
import { createProcess } from "../process.ts";
import { RELEASES } from "../releases.ts";
import { OPERATOR_MACHINE, UNITS } from "../world.ts";
import { textAt } from "./values.ts";
import { type ElectionTimes, kubeliteProgram } from "./kubelite.ts";
import { createFakeApiServer, createFakeStore } from "./test-apiserver.ts";

export const START_MS = Date.UTC(2026, 5, 24, 16, 0);

/** Nodes with kubelite above fake apiservers of one store, without a datastore. */
export function createTestCluster(options: { nodes?: number; election?: ElectionTimes; seed?: number } = {}) {
  const log: string[] = [];
  const driver = createSim({
    seed: options.seed ?? 1,
    startMs: START_MS,
    onLog: ({ atMs, who, text }) => log.push(`${atMs - START_MS} ${who} ${text}`),
  });
  const { sim } = driver;
  const network = createNetwork(sim);
  const store = createFakeStore();
  const nodes = Array.from({ length: options.nodes ?? 3 }, (_, at) => {
    const name = `k8s0${at + 1}`;
    const host = createHost({ sim, network, name, address: `10.0.0.${at + 1}` });
    const apiserver = createFakeApiServer({ sim, network, node: name, store });
    const { election } = options;
    const program = kubeliteProgram({
      sim,
      network,
      host,
      node: name,
      apiserver,
      release: RELEASES["1.35"],
      ...(election === undefined ? {} : { election }),
    });
    host.systemd.add({
      unit: UNITS.kubelite,
      identifier: "microk8s.daemon-kubelite",
      program,
      wrapperSleepMs: 0,
      restart: "always",
      restartDelayMs: 100,
      stopTimeoutMs: 30_000,
    });
    return { name, host, apiserver, start: () => host.systemd.start(UNITS.kubelite, "systemd") };
  });
  for (const node of nodes) node.start();
  const operator = createProcess(sim, { node: OPERATOR_MACHINE, program: "kubectl", pid: 1 });

  /** Lets time pass. */
  const pass = (ms: number) => driver.runUntil(sim.nowMs() + ms);
  async function send(request: ApiRequest, at = 0): Promise<ApiResponse> {
    const apiserver = nodes[at]?.apiserver;
    if (apiserver === undefined) throw new Error(`no node ${at}`);
    const answer = new Promise<ApiResponse>((resolve, reject) => {
      const refused = (why: string) => sim.settle(() => reject(new Error(why)));
      apiserver.request(operator, request, (response) => sim.settle(() => resolve(response)), refused);
    });
    return driver.drive(answer, sim.nowMs() + 60_000);
  }
  const apply = async (path: string, body: KubeObject) => (await send({ method: "POST", path, body })).body;
  /** All objects of a kind in the store. */
  const all = (kind: string) => [...store.objects.values()].filter((object) => object.kind === kind);
  const one = (kind: string, name: string) => all(kind).find(({ metadata }) => metadata.name === name);
  const running = () => all("Pod").filter((pod) => pod.status?.["phase"] === "Running");
  /** Whose node a Lease of an election names. */
  const holder = (name = "kube-controller-manager") =>
    textAt(one("Lease", name), "spec", "holderIdentity").split("_")[0] ?? "";
  const leader = () => nodes.find(({ name }) => name === holder());
  return { driver, sim, network, store, nodes, operator, log, pass, send, apply, all, one, running, holder, leader };
}

export function deployment(name: string, replicas: number, image = "1"): KubeObject {
  const labels = { app: name };
  const spec = { containers: [{ name, image: `example/${name}:${image}` }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

export const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
export const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
