import type { KubeObject } from "../kube/object.ts";
import { createWarmWorld } from "../warm-world.ts";
import { type ClusterSpec, OPERATOR_MACHINE } from "../world.ts";
import type { ApiRequest, ApiResponse } from "../kube/apiserver.ts";
import { textAt } from "../controllers/values.ts";

export const START_MS = Date.UTC(2026, 5, 24, 16, 0);

/** Three nodes that serve, on the real parts. */
export async function createTestWorld(workload: ClusterSpec["workload"], seed = 1) {
  const nodes = [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `172.22.22.${5 + at}` }));
  const log: string[] = [];
  const { driver, world } = await createWarmWorld({
    seed,
    startMs: START_MS,
    spec: { nodes, release: "1.35", workload },
    onLog: ({ atMs, who, text }) => log.push(`${atMs - START_MS} ${who}: ${text}`),
  });
  const { sim, table } = world;
  const pass = (ms: number) => driver.runUntil(sim.nowMs() + ms);
  const operator = world.host(OPERATOR_MACHINE).spawn("kubectl");
  async function send(request: ApiRequest, node = "k8s01"): Promise<ApiResponse> {
    const answer = new Promise<ApiResponse>((resolve, reject) => {
      const refused = (why: string) => sim.settle(() => reject(new Error(why)));
      world.node(node).apiserver.request(operator, request, (response) => sim.settle(() => resolve(response)), refused);
    });
    return driver.drive(answer, sim.nowMs() + 60_000);
  }
  /** All objects below a key, by their truth in the store. */
  const all = (prefix: string) => table.list(`/registry/${prefix}/`).map(({ value }) => value as unknown as KubeObject);
  const running = () => all("pods").filter((pod) => textAt(pod, "status", "phase") === "Running");
  /** The node that a Lease of an election names. */
  const holder = (name = "kube-controller-manager") =>
    textAt(
      all("leases/kube-system").find(({ metadata }) => metadata.name === name),
      "spec",
      "holderIdentity",
    ).split("_")[0];
  return { driver, world, sim, log, pass, send, all, running, holder };
}
