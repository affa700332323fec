import type { Sim } from "../../sim/sim.ts";
import type { Json } from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { ApiServer } from "./apiserver.ts";
import { createBackoff } from "./backoff.ts";
import { callApi } from "./client.ts";
import { field, isObject, keyOf, type KubeObject, revisionOf } from "./object.ts";
import { apiPath, resourceNamed } from "./resources.ts";

export interface InformerOptions {
  readonly sim: Sim;
  /** Whose informer it is: it ends with this process. */
  readonly process: Process;
  /** The apiserver it reads, usually its own node's. */
  readonly apiserver: ApiServer;
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** One namespace; all when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly onAdd?: (object: KubeObject) => void;
  readonly onUpdate?: (before: KubeObject, now: KubeObject) => void;
  readonly onDelete?: (last: KubeObject) => void;
  /** The first list is in: once. */
  readonly onSynced?: () => void;
}

/** What a controller knows of a resource: a copy that is as fresh as its apiserver's watch cache, and no fresher. */
export interface Informer {
  readonly hasSynced: boolean;
  /** By `namespace/name`, or the bare name. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  get(namespace: string | null, name: string): KubeObject | undefined;
  /** Up to which revision it knows; 0 before the first list. */
  readonly revision: number;
  stop(): void;
}

/** A server that never answers a LIST ends it after 60 s; a client waits a little longer. */
const LIST_DEADLINE_MS = 70_000;
/** client-go reflector: each WATCH asks for 5 to 10 min, drawn anew. */
const WATCH_SECONDS = { min: 300, max: 600 } as const;

/**
 * client-go's shared informer: LIST with resourceVersion=0, then WATCH from there, again and again. All of it is served
 * from the watch cache, so above a frozen cache it re-watches for ever and learns nothing, without an error.
 */
export function createInformer(options: InformerOptions): Informer {
  const { sim, process, apiserver } = options;
  const resource = resourceNamed(options.resource);
  const path = apiPath(resource, options.namespace ?? null);
  const selectors = {
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
  const draws = sim.random(`informers ${process.node}`);
  const backoff = createBackoff(sim, draws);
  const objects = new Map<string, KubeObject>();
  let revision = 0;
  /** The apiserver no longer has, or does not have yet, the revision that we know: list the newest instead. */
  let isRevisionUnavailable = false;
  let hasSynced = false;
  let isStopped = false;
  let endWatch: (() => void) | null = null;

  function later(run: () => void): void {
    process.after(backoff.nextMs(), () => (isStopped ? undefined : run()));
  }

  function list(): void {
    const query = isRevisionUnavailable ? selectors : { ...selectors, resourceVersion: String(revision) };
    callApi(process, apiserver, { method: "GET", path, query }, LIST_DEADLINE_MS, (result) => {
      if (isStopped) return;
      if (result.answered && result.status === 200) return listed(result.body);
      const isUnavailable = result.answered && (result.status === 410 || result.status === 504);
      if (!isUnavailable) return later(list);
      const again = isRevisionUnavailable;
      isRevisionUnavailable = true;
      if (again) later(list);
      else list();
    });
  }

  function listed(body: Json): void {
    isRevisionUnavailable = false;
    const items = (field(body, "items") ?? []) as readonly KubeObject[];
    replace(items);
    revision = Number(field(body, "metadata", "resourceVersion"));
    if (!hasSynced) {
      hasSynced = true;
      options.onSynced?.();
    }
    watch();
  }

  function replace(items: readonly KubeObject[]): void {
    const listedKeys = new Set(items.map(keyOf));
    for (const [key, object] of objects) {
      if (listedKeys.has(key)) continue;
      objects.delete(key);
      options.onDelete?.(object);
    }
    for (const object of items) put(object);
  }

  function put(object: KubeObject): void {
    const key = keyOf(object);
    const before = objects.get(key);
    if (before !== undefined && revisionOf(before) === revisionOf(object)) return;
    objects.set(key, object);
    if (before === undefined) options.onAdd?.(object);
    else options.onUpdate?.(before, object);
  }

  function watch(): void {
    const startedAtMs = sim.nowMs();
    const query = {
      ...selectors,
      resourceVersion: String(revision),
      allowWatchBookmarks: "true",
      timeoutSeconds: String(draws.between(WATCH_SECONDS.min, WATCH_SECONDS.max)),
    };
    let failure: Json = null;
    endWatch = apiserver.watch(process, path, query, {
      onEvent: (type, object) => {
        if (isStopped) return;
        if (type === "ERROR") failure = object;
        else handle(type, object);
      },
      onEnd: () => {
        endWatch = null;
        if (isStopped) return;
        if (field(failure, "code") === 410) return list();
        // client-go: a watch that ended at once is no reason to hurry.
        if (failure !== null || sim.nowMs() - startedAtMs < 1000) later(watch);
        else watch();
      },
    });
  }

  function handle(type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK", object: Json): void {
    if (!isObject(object)) return;
    revision = revisionOf(object);
    if (type === "BOOKMARK") return;
    if (type !== "DELETED") return put(object);
    if (objects.delete(keyOf(object))) options.onDelete?.(object);
  }

  process.deliver(list);
  return {
    get hasSynced() {
      return hasSynced;
    },
    objects,
    get: (namespace, name) => objects.get(namespace === null ? name : `${namespace}/${name}`),
    get revision() {
      return revision;
    },
    stop: () => {
      isStopped = true;
      endWatch?.();
    },
  };
}
