import type { Json } from "../datastore/datastore.ts";
import type { ApiRequest, ApiResponse, ApiServer } from "../kube/apiserver.ts";
import { field, isFields, type KubeObject } from "../kube/object.ts";
import { parsePath } from "../kube/path.ts";
import { apiPath, type Resource, storageKey } from "../kube/resources.ts";
import { parseSelectors } from "../kube/selectors.ts";
import { timeText } from "../kube/time.ts";
import type { Network, Port } from "../network.ts";
import type { Process } from "../process.ts";
import type { Sim } from "../../sim/sim.ts";

interface Change {
  readonly resource: Resource;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
}

/** The objects that all fake apiservers of a test share. */
export interface FakeStore {
  readonly objects: Map<string, KubeObject>;
  revision: number;
  readonly listeners: ((change: Change) => void)[];
}

export function createFakeStore(): FakeStore {
  return { objects: new Map(), revision: 1, listeners: [] };
}

export interface FakeApiServer extends ApiServer {
  /** The watch cache stands still for these resources (all when none is named), until the returned function is called. */
  freeze(...plurals: readonly string[]): () => void;
  /** Every write, `PUT /apis/…`, for counting. */
  readonly writes: string[];
}

/** Ready after so long; a request takes so long; a change reaches the watch cache after so long. */
const BOOT_MS = 2000;
const SERVE_MS = 5;
const CACHE_MS = 20;

interface Watcher {
  readonly client: Process;
  readonly resource: Resource;
  readonly matches: (object: KubeObject) => boolean;
  readonly known: Set<string>;
  readonly onEvent: (type: "ADDED" | "MODIFIED" | "DELETED", object: Json) => void;
  readonly onEnd: (reason: string) => void;
}

/** An apiserver as controllers see it: reads from the store, lists and watches from a cache that can be frozen. */
export function createFakeApiServer(options: {
  sim: Sim;
  network: Network;
  node: string;
  store: FakeStore;
}): FakeApiServer {
  const { sim, network, node, store } = options;
  const port: Port = { node, listener: null };
  const cache = new Map<string, KubeObject>(store.objects);
  const watchers = new Set<Watcher>();
  const writes: string[] = [];
  let frozen: ((resource: Resource) => boolean) | null = null;
  let held: Change[] = [];
  let cachedRevision = store.revision;

  store.listeners.push(
    (change) =>
      void sim.after(CACHE_MS, () => (frozen?.(change.resource) === true ? held.push(change) : apply(change))),
  );

  function apply({ resource, type, object }: Change): void {
    const key = keyIn(resource, object);
    if (type === "DELETED") cache.delete(key);
    else cache.set(key, object);
    cachedRevision = Math.max(cachedRevision, Number(object.metadata.resourceVersion));
    for (const watcher of watchers) if (watcher.resource === resource) tell(watcher, key, type, object);
  }

  function tell(watcher: Watcher, key: string, type: Change["type"], object: KubeObject): void {
    const fits = type !== "DELETED" && watcher.matches(object);
    const told = fits ? (watcher.known.has(key) ? "MODIFIED" : "ADDED") : watcher.known.has(key) ? "DELETED" : null;
    if (told === null) return;
    if (fits) watcher.known.add(key);
    else watcher.known.delete(key);
    watcher.client.deliver(() => (watchers.has(watcher) ? watcher.onEvent(told, object) : undefined));
  }

  function commit(type: Change["type"], resource: Resource, object: KubeObject): KubeObject {
    store.revision += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(store.revision) } };
    if (type === "DELETED") store.objects.delete(keyIn(resource, stored));
    else store.objects.set(keyIn(resource, stored), stored);
    for (const listener of store.listeners) listener({ resource, type, object: stored });
    return stored;
  }

  function serve(request: ApiRequest): readonly [number, Json] {
    if (request.path === "/readyz") return [200, "ok"];
    const target = parsePath(request.path);
    if (target === null) return [404, { message: `no ${request.path}` }];
    const { resource, namespace, name } = target;
    if (request.method !== "GET") writes.push(`${request.method} ${request.path}`);
    if (name === null)
      return request.method === "POST" ? create(resource, request.body as KubeObject) : list(resource, request);
    const found = store.objects.get(storageKey(resource, namespace, name));
    if (found === undefined) return [404, { message: `${resource.plural} "${name}" not found` }];
    if (request.method === "GET") return [200, found];
    if (request.method === "DELETE") return remove(resource, found, request.body);
    return write(resource, found, request, target.subresource);
  }

  function list(resource: Resource, { query }: ApiRequest): readonly [number, Json] {
    const matches = parseSelectors(resource, query);
    const from = query?.["resourceVersion"] === undefined ? store.objects : cache;
    const items = [...from.values()].filter(
      (object) => object.kind === resource.kind && (typeof matches !== "function" || matches(object)),
    );
    const revision = from === cache ? cachedRevision : store.revision;
    return [200, { metadata: { resourceVersion: String(revision) }, items }];
  }

  function create(resource: Resource, body: KubeObject): readonly [number, Json] {
    if (resource.plural === "events") return [201, body];
    if (store.objects.has(keyIn(resource, body))) return [409, { message: `"${body.metadata.name}" already exists` }];
    const creationTimestamp = timeText(sim.nowMs());
    const metadata = { ...body.metadata, uid: `uid-${store.revision}`, creationTimestamp, generation: 1 };
    return [201, commit("ADDED", resource, { ...body, metadata })];
  }

  function write(
    resource: Resource,
    found: KubeObject,
    request: ApiRequest,
    subresource: string | null,
  ): readonly [number, Json] {
    const body = request.body as KubeObject;
    if (subresource === "binding") {
      const nodeName = field(body, "target", "name") ?? "";
      return [201, commit("MODIFIED", resource, { ...found, spec: { ...found.spec, nodeName } })];
    }
    const isPatch = request.method === "PATCH";
    const wanted = isPatch ? (merge(found, body) as KubeObject) : body;
    const given = wanted.metadata.resourceVersion;
    if (!isPatch && given !== undefined && given !== found.metadata.resourceVersion) {
      return [
        409,
        { message: "the object has been modified; please apply your changes to the latest version and try again" },
      ];
    }
    if (subresource === "status") {
      return [
        200,
        commit("MODIFIED", resource, { ...found, ...(wanted.status === undefined ? {} : { status: wanted.status }) }),
      ];
    }
    const isChanged = JSON.stringify(wanted.spec) !== JSON.stringify(found.spec);
    const generation = (found.metadata.generation ?? 1) + (isChanged ? 1 : 0);
    const metadata = { ...wanted.metadata, generation };
    return [
      200,
      commit("MODIFIED", resource, {
        ...wanted,
        metadata,
        ...(found.status === undefined ? {} : { status: found.status }),
      }),
    ];
  }

  function remove(resource: Resource, found: KubeObject, body: Json | undefined): readonly [number, Json] {
    const isBound = resource.plural === "pods" && field(found, "spec", "nodeName") !== undefined;
    if (!isBound || field(body, "gracePeriodSeconds") === 0) return [200, commit("DELETED", resource, found)];
    if (found.metadata.deletionTimestamp !== undefined) return [200, found];
    const deletionTimestamp = timeText(sim.nowMs());
    return [200, commit("MODIFIED", resource, { ...found, metadata: { ...found.metadata, deletionTimestamp } })];
  }

  return {
    node,
    port,
    writes,
    boot: (process) => {
      process.after(BOOT_MS, () => {
        port.listener = process;
      });
      process.onEnd(() => {
        port.listener = null;
        for (const watcher of watchers) watcher.client.deliver(() => watcher.onEnd("connection-reset"));
        watchers.clear();
      });
    },
    request: (client, request, answered, refused) => {
      const answer = (give: (response: ApiResponse) => void) => {
        port.listener?.after(SERVE_MS, () => {
          const [status, body] = serve(request);
          give({ status, body, dateMs: sim.nowMs() });
        });
      };
      network.call({ from: client, to: port, serve: answer, answered, refused });
    },
    watch: (client, path, query, { onEvent, onEnd }) => {
      const resource = parsePath(path)?.resource;
      if (resource === undefined || port.listener === null) {
        client.after(1, () => onEnd("connection-refused"));
        return () => undefined;
      }
      const selector = parseSelectors(resource, query);
      const matches = typeof selector === "function" ? selector : () => true;
      const known = new Set<string>();
      for (const object of cache.values())
        if (object.kind === resource.kind && matches(object)) known.add(keyIn(resource, object));
      const watcher = { client, resource, matches, known, onEvent, onEnd };
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    cacheRevisions: () => new Map(),
    freeze: (...plurals) => {
      frozen = ({ plural }) => plurals.length === 0 || plurals.includes(plural);
      return () => {
        frozen = null;
        const due = held;
        held = [];
        for (const change of due) apply(change);
      };
    },
  };
}

function keyIn(resource: Resource, { metadata }: KubeObject): string {
  return storageKey(resource, metadata.namespace ?? null, metadata.name);
}

function merge(target: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) return patch;
  const merged: Record<string, Json> = isFields(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

/** The path of an object, for tests. */
export const pathOf = apiPath;
