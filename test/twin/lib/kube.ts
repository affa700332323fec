// SPDX-License-Identifier: Apache-2.0
import { APISERVER_PORT, SNAP_DATA, type NodeName } from "./config.ts";
import { describeFailure } from "./exec.ts";
import { runOnNode } from "./machine.ts";

export type KubeAnswer = { readonly status: number; readonly body: string; readonly tookMs: number };

const REQUEST_S = 5;

/**
 * Asks the node's own apiserver as its administrator. The twin has its own way to ask, so that a test never
 * proves the product with the product.
 */
export async function kube(
  node: NodeName,
  path: string,
  options: { method?: string; body?: unknown; contentType?: string; timeoutS?: number } = {},
): Promise<KubeAnswer> {
  const certs = `${SNAP_DATA}/certs`;
  const timeoutS = options.timeoutS ?? REQUEST_S;
  const credentials = ["--cacert", `${certs}/ca.crt`, "--cert", `${certs}/client.crt`, "--key", `${certs}/client.key`];
  const method = ["-X", options.method ?? "GET"];
  const body =
    options.body === undefined ? [] : ["-H", `Content-Type: ${options.contentType ?? "application/json"}`, "-d", "@-"];
  const url = `https://127.0.0.1:${APISERVER_PORT}${path}`;
  const format = "\n%{http_code} %{time_total}";
  const argv = ["curl", "-sS", "-m", String(timeoutS), "-w", format, ...credentials, ...method, ...body, url];
  const input = options.body === undefined ? "" : JSON.stringify(options.body);
  const result = await runOnNode(node, argv, { timeoutMs: (timeoutS + 5) * 1000, input });
  if (result.code !== 0) throw new Error(describeFailure(["curl", path], result));
  const end = result.stdout.lastIndexOf("\n");
  const [status, seconds] = result.stdout
    .slice(end + 1)
    .split(" ")
    .map(Number);
  return { status: status ?? 0, body: result.stdout.slice(0, end), tookMs: Math.round((seconds ?? 0) * 1000) };
}

export async function isReady(node: NodeName): Promise<boolean> {
  return (await kube(node, "/readyz")).status === 200;
}

/** The list's resourceVersion: from the watch cache (`0`) or as new as the store (unset). */
export async function listRevision(
  node: NodeName,
  resource: string,
  from: "cache" | "store",
  timeoutS?: number,
): Promise<number> {
  // A selector that matches nothing: the list's revision without its objects.
  const query = `labelSelector=quorate.test%2Fnone&${from === "cache" ? "resourceVersion=0" : ""}`;
  const answer = await kube(node, `${resource}?${query}`, timeoutS === undefined ? {} : { timeoutS });
  if (answer.status !== 200) throw new Error(`${node} ${resource}: HTTP ${answer.status} ${answer.body.slice(0, 200)}`);
  return Number((JSON.parse(answer.body) as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
}

export const LEASES = "/apis/coordination.k8s.io/v1/leases";
export const CONFIGMAPS = "/api/v1/configmaps";

export type LeaseHolder = { readonly holder: string; readonly renewedAtMs: number };

/** Who holds the controller manager's Lease, read from the store. */
export async function controllerLease(node: NodeName): Promise<LeaseHolder | undefined> {
  const path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";
  const answer = await kube(node, path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`${node}: HTTP ${answer.status} for the Lease`);
  const spec = (JSON.parse(answer.body) as { spec: { holderIdentity?: string; renewTime?: string } }).spec;
  if (spec.holderIdentity === undefined || spec.holderIdentity === "") return undefined;
  return { holder: spec.holderIdentity.split("_")[0] ?? "", renewedAtMs: Date.parse(spec.renewTime ?? "") };
}
