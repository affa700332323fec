import type { DatastoreEvent, StoredObject } from "../datastore/datastore.ts";
import { decode, type KubeObject } from "./object.ts";
import type { Resource } from "./resources.ts";

/** A change as the watch cache hands it on. The objects are shared: nobody changes them. */
export interface CacheEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** Now; for DELETED the last state, with the revision of the deletion. */
  readonly object: KubeObject;
  /** Before; null when ADDED. */
  readonly before: KubeObject | null;
  readonly revision: number;
}

/** One resource's objects up to a revision, and what changed lately. It is filled by a cacher. */
export interface WatchCache {
  readonly resource: Resource;
  /** Up to which revision it knows; 0 before the first list. */
  readonly revision: number;
  readonly size: number;
  get(namespace: string | null, name: string): KubeObject | undefined;
  /** By name within their namespace; of all namespaces when null. */
  list(namespace: string | null): readonly KubeObject[];
  /** What happened after the revision; null when that is no longer known. */
  eventsAfter(revision: number): readonly CacheEvent[] | null;
  /** The oldest revision to watch from. */
  readonly oldestRevision: number;
  replace(objects: readonly StoredObject[], revision: number): void;
  /** Takes an event in; null when it was known already. */
  apply(event: DatastoreEvent, nowMs: number): CacheEvent | null;
  advance(revision: number): void;
}

/** apiserver watch_cache.go: at least 100 events, and those of the last 75 s. */
const HISTORY_EVENTS_MIN = 100;
const HISTORY_WINDOW_MS = 75_000;
/** How many events are dropped at once: shifting a long array for each would cost more than the memory. */
const HISTORY_SLACK = 100;

export function createWatchCache(resource: Resource): WatchCache {
  const namespaces = new Map<string, Map<string, KubeObject>>();
  let history: CacheEvent[] = [];
  let historyAtMs: number[] = [];
  let revision = 0;
  let oldestRevision = 0;
  let size = 0;

  function remember(event: CacheEvent, nowMs: number): CacheEvent {
    history.push(event);
    historyAtMs.push(nowMs);
    const isLong = history.length >= HISTORY_EVENTS_MIN + HISTORY_SLACK;
    if (!isLong || (historyAtMs[HISTORY_SLACK - 1] ?? nowMs) > nowMs - HISTORY_WINDOW_MS) return event;
    oldestRevision = history[HISTORY_SLACK - 1]?.revision ?? oldestRevision;
    history = history.slice(HISTORY_SLACK);
    historyAtMs = historyAtMs.slice(HISTORY_SLACK);
    return event;
  }

  function put(object: KubeObject): KubeObject | null {
    const namespace = object.metadata.namespace ?? "";
    let objects = namespaces.get(namespace);
    if (objects === undefined) namespaces.set(namespace, (objects = new Map<string, KubeObject>()));
    const before = objects.get(object.metadata.name) ?? null;
    objects.set(object.metadata.name, object);
    if (before === null) size += 1;
    return before;
  }

  function remove(key: string): KubeObject | null {
    const [namespace, name] = placeOf(resource, key);
    const objects = namespaces.get(namespace);
    const before = objects?.get(name) ?? null;
    if (objects === undefined || before === null) return null;
    objects.delete(name);
    if (objects.size === 0) namespaces.delete(namespace);
    size -= 1;
    return before;
  }

  function apply(event: DatastoreEvent, nowMs: number): CacheEvent | null {
    // After a reconnect the datastore may tell of what is known.
    if (event.revision <= revision) return null;
    revision = event.revision;
    if (event.type === "put") {
      const object = decode(event.value, event.revision);
      const before = put(object);
      return remember({ type: before === null ? "ADDED" : "MODIFIED", object, before, revision }, nowMs);
    }
    const before = remove(event.key);
    if (before === null) return null;
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } };
    return remember({ type: "DELETED", object, before, revision }, nowMs);
  }

  function eventsAfter(after: number): readonly CacheEvent[] | null {
    if (after < oldestRevision) return null;
    let from = history.length;
    while (from > 0 && (history[from - 1] as CacheEvent).revision > after) from -= 1;
    return history.slice(from);
  }

  return {
    resource,
    get revision() {
      return revision;
    },
    get size() {
      return size;
    },
    get oldestRevision() {
      return oldestRevision;
    },
    get: (namespace, name) => namespaces.get(namespace ?? "")?.get(name),
    list: (namespace) => {
      if (namespace !== null || !resource.namespaced) return sorted(namespaces.get(namespace ?? ""));
      return [...namespaces.keys()].sort().flatMap((each) => sorted(namespaces.get(each)));
    },
    eventsAfter,
    replace: (objects, at) => {
      namespaces.clear();
      size = 0;
      for (const { value, modRevision } of objects) put(decode(value, modRevision));
      history = [];
      historyAtMs = [];
      revision = at;
      oldestRevision = at;
    },
    apply,
    advance: (to) => {
      if (to > revision) revision = to;
    },
  };
}

function sorted(objects: ReadonlyMap<string, KubeObject> | undefined): KubeObject[] {
  if (objects === undefined) return [];
  return [...objects.values()].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

/** Namespace (empty when cluster-scoped) and name of a key of the store. */
function placeOf({ prefix, namespaced }: Resource, key: string): readonly [string, string] {
  const place = key.slice(prefix.length + 1);
  const slash = namespaced ? place.indexOf("/") : -1;
  return [slash < 0 ? "" : place.slice(0, slash), place.slice(slash + 1)];
}
