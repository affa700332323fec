import type { Json } from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { ApiWatchHandlers } from "./apiserver.ts";
import type { Cacher } from "./cacher.ts";
import type { KubeObject } from "./object.ts";
import { apiVersionOf } from "./resources.ts";
import { type Matches, parseSelectors } from "./selectors.ts";
import { badRequest, initializing, type Reply, tooLargeRevision, tooOldRevision } from "./status.ts";
import type { Target } from "./path.ts";
import type { CacheEvent } from "./watch-cache.ts";
import type { WatchPipe } from "./watch-pipe.ts";

/** A client's WATCH, as the server sees it. */
export interface WatchOrder {
  readonly target: Target;
  readonly query: Readonly<Record<string, string>>;
  readonly pipe: WatchPipe;
  readonly handlers: ApiWatchHandlers;
  /** The client's own end of it: nothing more is told. */
  readonly isClosed: () => boolean;
}

/** An open WATCH; `end` closes it from the server's side. */
export interface OpenWatch {
  end(reason: string): void;
  /** Sends a BOOKMARK with the cache's revision, when the client asked for such. */
  bookmark(): void;
  /** Forgets it without a word. */
  drop(): void;
}

/** A watch cache that is behind a WatchList's revision for so long refuses it (watch_cache.go, blockTimeout). */
const WATCH_LIST_WAIT_MS = 3000;

interface Served {
  readonly process: Process;
  readonly cacher: Cacher;
}

/** Serves a WATCH from the watch cache; null when it was refused (the client has been told). */
export function openWatch({ process, cacher }: Served, order: WatchOrder, ended: () => void): OpenWatch | null {
  const { target, query, pipe, handlers, isClosed } = order;
  const { cache } = cacher;
  const tell = (type: Parameters<ApiWatchHandlers["onEvent"]>[0], object: Reply["body"]) =>
    pipe.send(() => (isClosed() ? undefined : handlers.onEvent(type, object)));
  const tellEnd = (reason: string) => pipe.send(() => (isClosed() ? undefined : handlers.onEnd(reason)));
  const refuse = (reply: Reply): null => {
    tell("ERROR", reply.body);
    tellEnd(`HTTP ${reply.status}`);
    return null;
  };

  const selector = parseSelectors(target.resource, query);
  if (selector !== null && typeof selector !== "function") return refuse(badRequest(selector.error));
  if (!cacher.isReady) return refuse(initializing());
  const from = Number(query["resourceVersion"] ?? 0);
  if (Number.isNaN(from)) return refuse(badRequest(`Invalid value: "${query["resourceVersion"]}"`));
  const past = from === 0 ? [] : cache.eventsAfter(from);
  if (past === null) return refuse(tooOldRevision(from, cache.oldestRevision));

  const matches = matchesOf(target, selector);
  let isOver = false;
  const forget = [cacher.onEvent((event) => show(event)), cacher.onReset(() => end("the watch cache is filled anew"))];

  function show(event: CacheEvent): void {
    if (event.revision <= from) return;
    const isIn = event.type !== "DELETED" && matches(event.object);
    const wasIn = event.before !== null && matches(event.before);
    if (isIn) tell(wasIn ? "MODIFIED" : "ADDED", event.object);
    else if (wasIn) tell("DELETED", event.type === "DELETED" ? event.object : lastSeen(event));
  }

  function drop(): void {
    if (isOver) return;
    isOver = true;
    for (const each of forget) each();
    ended();
  }

  function end(reason: string): void {
    if (isOver) return;
    drop();
    tellEnd(reason);
  }

  function mark(annotations?: Readonly<Record<string, string>>): Json {
    const metadata = {
      resourceVersion: String(Math.max(cache.revision, from)),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    return { kind: target.resource.kind, apiVersion: apiVersionOf(target.resource), metadata };
  }

  let lastMark: Json = null;
  let lastMarkRevision = -1;
  function bookmark(): void {
    // It comes each minute, and mostly says the same as before.
    if (lastMarkRevision !== cache.revision) lastMark = mark();
    lastMarkRevision = cache.revision;
    tell("BOOKMARK", lastMark);
  }

  const initial = query["sendInitialEvents"] === "true" || (from === 0 && query["sendInitialEvents"] !== "false");
  if (initial) for (const object of listed(cacher, target)) if (matches(object)) tell("ADDED", object);
  for (const event of past) show(event);
  if (query["sendInitialEvents"] === "true") {
    cacher.waitFor(from, WATCH_LIST_WAIT_MS, (isReached) => {
      if (isOver) return;
      if (isReached) return tell("BOOKMARK", mark({ "k8s.io/initial-events-end": "true" }));
      tell("ERROR", tooLargeRevision(from, cache.revision).body);
      end("too large resource version");
    });
  }
  const seconds = Number(query["timeoutSeconds"] ?? 0);
  if (seconds > 0) {
    const timer = process.after(seconds * 1000, () => end("timeout"));
    forget.push(() => timer.cancel());
  }
  const wantsBookmarks = query["allowWatchBookmarks"] === "true";
  return { end, drop, bookmark: () => (wantsBookmarks ? bookmark() : undefined) };
}

function listed({ cache }: Cacher, { namespace, name }: Target): readonly KubeObject[] {
  if (name === null) return cache.list(namespace);
  const one = cache.get(namespace, name);
  return one === undefined ? [] : [one];
}

function matchesOf({ namespace, name, resource }: Target, selector: Matches | null): Matches {
  const wanted = resource.namespaced ? namespace : null;
  return (object) => {
    const { metadata } = object;
    if (wanted !== null && metadata.namespace !== wanted) return false;
    if (name !== null && metadata.name !== name) return false;
    return selector === null || selector(object);
  };
}

/** It no longer fits the selector: as it was, at the revision of the change. */
function lastSeen({ before, object, revision }: CacheEvent): KubeObject {
  const last = before ?? object;
  return { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } };
}
