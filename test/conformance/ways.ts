import type { ConformanceWorld, Json, Response } from "./world.ts";

/** Ways of asking that several questions share. */

export const LEASES = "/apis/coordination.k8s.io/v1/leases";
export const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";
export const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
export const KCM_LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";
export const LEASES_PREFIX = "/registry/leases/";
export const CONFIGMAPS_PREFIX = "/registry/configmaps/";

const MERGE_PATCH = "application/merge-patch+json";
/** A read of the store waits 3 s for a frozen cache; a datastore that hangs takes the rest. */
const READ_MS = 10_000;

/** A LIST without its objects: from the watch cache (`0`), or as new as the store (unset). */
export function list(world: ConformanceWorld, node: string, path: string, from: "cache" | "store"): Promise<Response> {
  const query = { labelSelector: "conformance.test/none", ...(from === "cache" ? { resourceVersion: "0" } : {}) };
  return world.ask(node, { path, query, timeoutMs: READ_MS });
}

export async function listRevision(
  world: ConformanceWorld,
  node: string,
  path: string,
  from: "cache" | "store",
): Promise<number> {
  const { status, revision, body } = await list(world, node, path, from);
  if (status !== 200)
    throw new Error(`${node} LIST ${path} (${from}): ${status} ${JSON.stringify(body).slice(0, 200)}`);
  return revision;
}

export function get(world: ConformanceWorld, node: string, path: string, from: "cache" | "store"): Promise<Response> {
  return world.ask(node, { path, query: from === "cache" ? { resourceVersion: "0" } : {}, timeoutMs: READ_MS });
}

let names = 0;

/** A name that no run has used before on the same nodes. */
export function newName(world: ConformanceWorld): string {
  names += 1;
  return `conformance-${world.nowMs().toString(36)}-${names}`;
}

export function createConfigMap(world: ConformanceWorld, node: string, name: string, filling = "x"): Promise<Response> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { filling } };
  return world.ask(node, { method: "POST", path: CONFIGMAPS, body });
}

export function createDeployment(world: ConformanceWorld, node: string, name: string): Promise<Response> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "one", image: "example.test/one:1" }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, spec };
  return world.ask(node, { method: "POST", path: DEPLOYMENTS, body });
}

/** Pods that the controllers made for the Deployment, by its status. */
export async function replicasOf(world: ConformanceWorld, node: string, name: string): Promise<number> {
  const { body } = await get(world, node, `${DEPLOYMENTS}/${name}`, "store");
  return Number(at(body, "status", "replicas") ?? 0);
}

export function patchLease(world: ConformanceWorld, node: string, spec: Json): Promise<Response> {
  return world.ask(node, { method: "PATCH", path: KCM_LEASE, contentType: MERGE_PATCH, body: { spec } });
}

export interface LeaseView {
  /** The node; the whole identity's part before `_`. Empty: nobody. */
  readonly holder: string;
  readonly renewTime: string;
  readonly transitions: number;
  readonly revision: number;
}

/** The controller manager's Lease, from the store. Null when it is absent or not to be read. */
export async function kcmLease(world: ConformanceWorld, node: string): Promise<LeaseView | null> {
  const { status, body, revision } = await get(world, node, KCM_LEASE, "store");
  if (status !== 200) return null;
  return {
    holder: textAt(body, "spec", "holderIdentity").split("_")[0] ?? "",
    renewTime: textAt(body, "spec", "renewTime"),
    transitions: Number(at(body, "spec", "leaseTransitions") ?? 0),
    revision,
  };
}

/** Who leads the controllers; waits for one. */
export function kcmHolder(world: ConformanceWorld): Promise<string> {
  return waitFor(world, "a holder of the KCM's Lease", 90_000, async () => {
    for (const node of world.nodes) {
      const holder = (await kcmLease(world, node))?.holder;
      if (holder !== undefined && world.nodes.includes(holder)) return holder;
    }
    return null;
  });
}

export function leader(world: ConformanceWorld): Promise<string> {
  return waitFor(world, "a dqlite leader", 30_000, () => world.leaderBy(world.nodes));
}

export function others(world: ConformanceWorld, ...nodes: readonly string[]): readonly string[] {
  return world.nodes.filter((node) => !nodes.includes(node));
}

/** Asks until the answer is something, at most that long. */
export async function waitFor<T>(
  world: ConformanceWorld,
  what: string,
  ms: number,
  ask: () => Promise<T | null>,
  everyMs = 100,
): Promise<T> {
  const deadlineMs = world.nowMs() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (world.nowMs() >= deadlineMs) throw new Error(`${what}: not within ${ms / 1000} s`);
    await world.pass(everyMs);
  }
}

/** How long until it is so, in ms since `sinceMs`. */
export function msUntil(
  world: ConformanceWorld,
  sinceMs: number,
  what: string,
  maxMs: number,
  isSo: () => Promise<boolean>,
): Promise<number> {
  return waitFor(world, what, maxMs, async () => ((await isSo()) ? world.nowMs() - sinceMs : null));
}

/** How long a poll loop may say nothing: its period is 1 s. */
const POLL_STILL_MS = 3500;

/** Nodes whose datastore answers while its poll loop stands still: their feed is dead. */
export async function deadFeeds(world: ConformanceWorld): Promise<readonly string[]> {
  const before = await Promise.all(world.nodes.map((node) => world.counters(node)));
  await world.pass(POLL_STILL_MS);
  const after = await Promise.all(world.nodes.map((node) => world.counters(node)));
  return world.nodes.filter((_, index) => {
    const [one, two] = [before[index] ?? null, after[index] ?? null];
    return one !== null && two !== null && one.poll === two.poll;
  });
}

/** Waits until each datastore answers a Range, as after an outage. */
export async function untilServed(world: ConformanceWorld, nodes = world.nodes): Promise<void> {
  for (const node of nodes) {
    await waitFor(world, `${node}: a served Range`, 60_000, () => world.storeRevision(node));
  }
}

/** A value deep in a document. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) return undefined;
    found = (found as { readonly [key: string]: Json })[key];
  }
  return found;
}

function textAt(value: Json, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}
