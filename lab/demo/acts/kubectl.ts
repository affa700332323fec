import type { NodeName } from "../../../src/core/model/observation.ts";
import { startClient, ask } from "../../faults/client.ts";
import type { Json } from "../../world/datastore/datastore.ts";
import { field, type KubeObject } from "../../world/kube/object.ts";
import { parseTimeMs } from "../../world/kube/time.ts";
import type { ApiRequest, ApiResponse } from "../../world/kube/apiserver.ts";
import { spanText } from "../../scenarios/print.ts";
import type { Cluster } from "../cluster.ts";

/** Longer than the apiserver's own limit of a request. */
const REQUEST_MS = 40_000;

const WEB = "/apis/apps/v1/namespaces/shop/deployments/web";

/** One request from the operator's machine through the apiserver of a node; null when there was no answer. */
async function request(cluster: Cluster, node: NodeName, asked: ApiRequest): Promise<ApiResponse | null> {
  const { world } = cluster;
  const client = startClient(world, "kubectl");
  const answer = new Promise<ApiResponse | null>((resolve) => {
    const settle = (response: ApiResponse | null): void => world.sim.settle(() => resolve(response));
    const timer = world.sim.after(REQUEST_MS, () => settle(null));
    ask(world, client, node, asked, (response) => {
      timer.cancel();
      settle(response);
    });
  });
  const response = await cluster.driver.drive(answer, world.sim.nowMs() + REQUEST_MS);
  client.end({ code: "exited", status: 0 });
  return response;
}

/** Somebody scales the Deployment shop/web through a node. */
export async function scaleWeb(cluster: Cluster, node: NodeName, replicas: number): Promise<void> {
  cluster.tell({
    kind: "injected",
    text: `somebody runs: kubectl -n shop scale deployment web --replicas=${replicas}`,
  });
  const response = await request(cluster, node, {
    method: "PATCH",
    path: WEB,
    contentType: "application/merge-patch+json",
    body: { spec: { replicas } },
  });
  cluster.tell({ kind: "look", text: `the API server of ${node} answers: ${statusText(response)}` });
}

/** What a person finds who asks the cluster whether it is well, through the node that is believed to be ill. */
export async function lookAround(cluster: Cluster, node: NodeName): Promise<void> {
  const { world } = cluster;
  const say = (text: string): void => cluster.tell({ kind: "look", text });
  const ready: string[] = [];
  for (const { name } of world.nodes) {
    const response = await request(cluster, name, { method: "GET", path: "/readyz" });
    ready.push(`${name} ${statusText(response)}`);
  }
  say(`/readyz: ${ready.join(", ")}`);
  const lease = await get(cluster, node, `${LEASES}/kube-controller-manager`);
  const renewedMs = parseTimeMs(text(lease, "spec", "renewTime"));
  const holder = text(lease, "spec", "holderIdentity").replace(/_.*$/, "");
  say(`kube-controller-manager's Lease: held by ${holder}, renewed ${agoText(cluster, renewedMs)}`);
  const web = await get(cluster, node, WEB);
  const wanted = Number(field(web, "spec", "replicas"));
  const there = Number(field(web, "status", "replicas") ?? 0);
  const generation = Number(field(web, "metadata", "generation"));
  const observed = Number(field(web, "status", "observedGeneration") ?? 0);
  say(`deployment shop/web: ${there} of ${wanted} pods; generation ${generation}, observed ${observed}`);
  const pods = ((field(await get(cluster, node, "/api/v1/pods"), "items") ?? []) as readonly KubeObject[]).map(
    ({ metadata }) => parseTimeMs(metadata.creationTimestamp),
  );
  say(`newest pod of the cluster: created ${agoText(cluster, Math.max(...pods))}`);
  const feeds = await get(cluster, node, "/apis/batch/v1/namespaces/jobs/cronjobs/poll-feeds");
  const lastMs = parseTimeMs(text(feeds, "status", "lastScheduleTime"));
  if (feeds !== null)
    say(`cronjob jobs/poll-feeds (${text(feeds, "spec", "schedule")}): last run ${agoText(cluster, lastMs)}`);
}

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

async function get(cluster: Cluster, node: NodeName, path: string): Promise<Json> {
  const response = await request(cluster, node, { method: "GET", path });
  return response === null || response.status !== 200 ? null : response.body;
}

function statusText(response: ApiResponse | null): string {
  return response === null ? "no answer" : response.status === 200 ? "200 OK" : String(response.status);
}

function text(value: Json, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === "string" ? found : "";
}

function agoText(cluster: Cluster, atMs: number): string {
  const ms = cluster.driver.sim.nowMs() - atMs;
  return Number.isFinite(ms) ? `${spanText(Math.max(0, ms))} ago` : "never";
}
