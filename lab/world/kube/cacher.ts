import type { Sim, Timer } from "../../sim/sim.ts";
import type { WatchStream } from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { Klog } from "./klog.ts";
import type { Resource } from "./resources.ts";
import { resourceName } from "./resources.ts";
import { isConnectionError, type StoreLink } from "./store-link.ts";
import { type CacheEvent, createWatchCache, type WatchCache } from "./watch-cache.ts";

/** Feeds one resource's watch cache from the datastore: list, then watch, for the life of the apiserver. */
export interface Cacher {
  readonly cache: WatchCache;
  /** The first list is in. */
  readonly isReady: boolean;
  /** How often it was filled by a list. */
  readonly initializations: number;
  readonly eventsReceived: number;
  /** Progress replies that came, of either kind. */
  readonly bookmarks: number;
  start(): void;
  /** Told each event; the returned function forgets the listener. */
  onEvent(listener: (event: CacheEvent) => void): () => void;
  /** Told when all watchers must go because the cache is filled anew. */
  onReset(listener: () => void): () => void;
  /** `done(true)` as soon as the cache has the revision, `done(false)` after `limitMs`; progress is asked for meanwhile. */
  waitFor(revision: number, limitMs: number, done: (isReached: boolean) => void): void;
}

interface CacherOptions {
  readonly sim: Sim;
  readonly process: Process;
  readonly link: StoreLink;
  readonly klog: Klog;
  readonly resource: Resource;
}

/** apiserver cacher/progress: while somebody waits, progress is asked for at once and then this often. */
const PROGRESS_PERIOD_MS = 100;
/** A list that is not answered is given up and made anew. */
const LIST_LIMIT_MS = 60_000;
/** cacher.go: the next try of ListAndWatch. */
const RELIST_MS = 1000;
/**
 * storage/cacher, MaxInternalErrorRetryDuration: for so long a watch that fails is tried again from the same revision
 * before the resource is listed anew. Three cures after a compaction took 40 to 42 s instead of 10: measured.
 */
const REWATCH_LIMIT_MS = 30_000;
const REWATCH_FIRST_MS = 800;

interface Waiter {
  readonly revision: number;
  readonly done: (isReached: boolean) => void;
  readonly timer: Timer;
}

export function createCacher({ sim, process, link, klog, resource }: CacherOptions): Cacher {
  const cache = createWatchCache(resource);
  const prefix = `${resource.prefix}/`;
  const goType = `*${resource.group === "" ? "core" : (resource.group.split(".")[0] ?? "")}.${resource.kind}`;
  const eventListeners = new Set<(event: CacheEvent) => void>();
  const resetListeners = new Set<() => void>();
  let waiters: Waiter[] = [];
  let stream: WatchStream | null = null;
  let isAsking = false;
  let isReady = false;
  const counts = { initializations: 0, eventsReceived: 0, bookmarks: 0 };
  /** Since when re-watching fails; null while it does not. */
  let failingSinceMs: number | null = null;
  let rewatchMs = REWATCH_FIRST_MS;

  function list(): void {
    link.range({ key: prefix, isPrefix: true }, { isOver: false, limitMs: LIST_LIMIT_MS }, (answer) => {
      if (!answer.ok) return reinitialize(`failed to list ${goType}: ${answer.error}`);
      cache.replace(answer.value.objects, answer.value.revision);
      isReady = true;
      counts.initializations += 1;
      failingSinceMs = null;
      if (counts.initializations > 1) sim.log(process.node, `${resourceName(resource)}: watch cache filled anew`);
      wake();
      watch();
    });
  }

  function watch(): void {
    const openedAtMs = sim.nowMs();
    stream = link.watch(
      { prefix, afterRevision: cache.revision, periodicProgress: true },
      {
        onCreated: () => undefined,
        onEvents: (events) => {
          failingSinceMs = null;
          counts.eventsReceived += events.length;
          const nowMs = sim.nowMs();
          for (const event of events) {
            const change = cache.apply(event, nowMs);
            if (change !== null) for (const listener of eventListeners) listener(change);
          }
          wake();
        },
        onProgress: (revision) => {
          failingSinceMs = null;
          counts.bookmarks += 1;
          cache.advance(revision);
          wake();
        },
        onEnd: (reason) => {
          stream = null;
          ended(reason, openedAtMs);
        },
      },
    );
  }

  function ended(reason: string, openedAtMs: number): void {
    if (isConnectionError(reason)) {
      // The etcd client opens the stream again from where it was, without a word.
      link.lost();
      return link.whenUp(watch);
    }
    const isCompacted = reason === "compacted";
    const error = isCompacted ? "etcdserver: mvcc: required revision has been compacted" : reason;
    klog(isCompacted ? "W" : "E", "watcher.go:344", `watch chan error: ${error}`);
    const nowMs = sim.nowMs();
    if (failingSinceMs === null || nowMs - openedAtMs > REWATCH_LIMIT_MS) {
      failingSinceMs = nowMs;
      rewatchMs = REWATCH_FIRST_MS;
    }
    if (nowMs - failingSinceMs >= REWATCH_LIMIT_MS) return reinitialize(error);
    const waitMs = Math.min(rewatchMs, failingSinceMs + REWATCH_LIMIT_MS - nowMs);
    rewatchMs *= 2;
    process.after(waitMs, watch);
  }

  function reinitialize(error: string): void {
    const name = resourceName(resource);
    klog("E", "cacher.go:478", `cacher (${name}): unexpected ListAndWatch error: ${error}; reinitializing...`);
    isReady = false;
    for (const listener of resetListeners) listener();
    process.after(RELIST_MS, list);
  }

  function wake(): void {
    if (waiters.length === 0) return;
    const reached = waiters.filter(({ revision }) => revision <= cache.revision);
    if (reached.length === 0) return;
    waiters = waiters.filter(({ revision }) => revision > cache.revision);
    for (const { timer, done } of reached) {
      timer.cancel();
      done(true);
    }
  }

  function waitFor(revision: number, limitMs: number, done: (isReached: boolean) => void): void {
    if (isReady && cache.revision >= revision) return done(true);
    const timer = process.after(limitMs, () => {
      waiters = waiters.filter((one) => one !== waiter);
      done(false);
    });
    const waiter: Waiter = { revision, done, timer };
    waiters.push(waiter);
    if (!isAsking) ask();
  }

  function ask(): void {
    isAsking = waiters.length > 0;
    if (!isAsking) return;
    stream?.requestProgress();
    process.after(PROGRESS_PERIOD_MS, ask);
  }

  return {
    cache,
    get isReady() {
      return isReady;
    },
    get initializations() {
      return counts.initializations;
    },
    get eventsReceived() {
      return counts.eventsReceived;
    },
    get bookmarks() {
      return counts.bookmarks;
    },
    start: list,
    onEvent: (listener) => subscribe(eventListeners, listener),
    onReset: (listener) => subscribe(resetListeners, listener),
    waitFor,
  };
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
