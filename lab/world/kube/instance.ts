import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Sim } from "../../sim/sim.ts";
import type { Datastore } from "../datastore/datastore.ts";
import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { ApiRequest } from "./apiserver.ts";
import { bootApiServer } from "./boot.ts";
import { type Cacher, createCacher } from "./cacher.ts";
import { createDeadlines } from "./deadlines.ts";
import { createHealth } from "./health.ts";
import { renewIdentityLease } from "./identity-lease.ts";
import { createKlog } from "./klog.ts";
import { metricsText } from "./metrics.ts";
import { parsePath } from "./path.ts";
import { uidOf } from "./prepare.ts";
import { createReader, type Respond } from "./reads.ts";
import { RESOURCES, type Resource, resourceName, resourceNamed } from "./resources.ts";
import { badRequest, methodNotAllowed, requestTimeout, unhandledLine, unknownPath } from "./status.ts";
import { createStoreLink, scrapeNoiseLine } from "./store-link.ts";
import { serveSubresource } from "./subresources.ts";
import { timeText } from "./time.ts";
import { type OpenWatch, openWatch, type WatchOrder } from "./watches.ts";
import { createWriter, type WriteRequest } from "./writes.ts";

/** One life of an apiserver, from the start of its process to its end. */
export interface Instance {
  serve(request: ApiRequest, respond: Respond): void;
  /** The returned function is the client's end of it. */
  watch(order: Omit<WatchOrder, "target"> & { readonly path: string }): () => void;
  cacheRevisions(): ReadonlyMap<string, number>;
  /** The process is gone: clients find their streams reset. */
  ended(): void;
}

interface InstanceOptions {
  readonly sim: Sim;
  readonly host: Host;
  readonly datastore: Datastore;
  readonly release: Release;
  readonly process: Process;
  /** Name of its identity Lease. */
  readonly identity: string;
  readonly onListening: () => void;
}

/** How long a write may take before it is answered with 504: measured on kube-apiserver 1.36.2. */
const WRITE_LIMIT_MS = 34_000;
/** kube-apiserver's --request-timeout. */
const READ_LIMIT_MS = 60_000;
/** cacher.go, defaultBookmarkFrequency. */
const BOOKMARK_MS = 60_000;

const SYSTEM_NAMESPACES: readonly NodeName[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

export function startInstance(options: InstanceOptions): Instance {
  const { sim, host, datastore, release, process, identity, onListening } = options;
  const klog = createKlog(host, process);
  const link = createStoreLink({ sim, process, datastore, release, klog });
  const cachers = new Map<Resource, Cacher>(
    RESOURCES.map((resource) => [resource, createCacher({ sim, process, link, klog, resource })]),
  );
  const cached = [...cachers.values()].filter(({ cache }) => cache.resource.hasWatchCache);
  const cacherOf = (resource: Resource) => (resource.hasWatchCache ? (cachers.get(resource) ?? null) : null);
  const draws = sim.random(`apiserver ${host.name}`);
  const nowMs = () => sim.nowMs();
  const makings = { draws, nowText: () => timeText(host.clock.nowMs()) };
  const reader = createReader({ nowMs, after: (ms, run) => process.after(ms, run), link, release, cacherOf });
  const writer = createWriter({ link, makings, cacherOf });
  const reads = createDeadlines(process, nowMs, READ_LIMIT_MS);
  const writes = createDeadlines(process, nowMs, WRITE_LIMIT_MS);
  const watches = new Set<OpenWatch>();
  /** Events have no watch cache: their first WATCH begins to follow them. */
  const followed = new Set<Cacher>();
  let isReady = false;
  let hasWritten = false;
  const health = createHealth({ nowMs, process, link, isStarted: () => isReady });

  bootApiServer({
    sim,
    process,
    link,
    release,
    cachers: cached,
    roles: cachers.get(resourceNamed("clusterroles.rbac.authorization.k8s.io")) as Cacher,
    klog,
    onListening: () => {
      onListening();
      const uid = uidOf(draws);
      renewIdentityLease({ host, process, name: identity, uid, loopback: serve }, () => (hasWritten = true));
    },
    hasWritten: () => hasWritten,
    onReady: () => {
      isReady = true;
      for (const name of SYSTEM_NAMESPACES) makeNamespace(name);
    },
  });
  process.every(BOOKMARK_MS, () => {
    for (const watch of watches) watch.bookmark();
  });

  function makeNamespace(name: string): void {
    const resource = resourceNamed("namespaces");
    if (cacherOf(resource)?.cache.get(null, name) !== undefined) return;
    const labels = { "kubernetes.io/metadata.name": name };
    serve({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name, labels } } }, () => undefined);
  }

  function serve(request: ApiRequest, respond: Respond): void {
    const { method, path, query = {} } = request;
    const target = parsePath(path);
    if (target === null) return serveOther(path, query, respond);
    const isRead = method === "GET";
    const answerOnce: Respond = (reply) => {
      if (deadline.isOver) return;
      deadline.isOver = true;
      if (reply.status === 500) klog("E", "status.go:71", unhandledLine(reply, draws.hex(6)));
      respond(reply);
    };
    const deadline = (isRead ? reads : writes).add(() => respond(requestTimeout()));
    const { body, contentType = "application/json" } = request;
    const order: WriteRequest = { target, query, body, contentType, deadline };
    serveTarget(method, order, answerOnce);
  }

  function serveTarget(method: ApiRequest["method"], order: WriteRequest, respond: Respond): void {
    const { name, subresource, resource } = order.target;
    if (subresource !== null && !(subresource === "status" && resource.hasStatus && method !== "POST")) {
      const read = (shown: Respond) => reader.get(order, shown);
      return serveSubresource(method, order, { writer, read }, respond);
    }
    if (name === null) {
      if (method === "GET") return reader.list(order, respond);
      if (method === "POST") return writer.create(order, respond);
      return respond(methodNotAllowed());
    }
    if (method === "GET") return reader.get(order, respond);
    if (method === "PUT") return writer.put(order, respond);
    if (method === "PATCH") return writer.patch(order, respond);
    if (method === "DELETE" && subresource === null) return writer.remove(order, respond);
    respond(methodNotAllowed());
  }

  function serveOther(path: string, query: Readonly<Record<string, string>>, respond: Respond): void {
    if (/^\/(readyz|livez|healthz)(\/|$)/.test(path))
      return health.serve(path, query["verbose"] !== undefined, respond);
    if (path !== "/metrics")
      return respond(path.startsWith("/api") ? unknownPath() : { status: 404, body: "404 page not found\n" });
    if (release.scrapeNoise) klog("W", "logging.go:55", scrapeNoiseLine(draws.chance(1, 2)));
    respond({ status: 200, body: metricsText(cached, reader.counts) });
  }

  function watch({ path, ...order }: Omit<WatchOrder, "target"> & { readonly path: string }): () => void {
    const target = parsePath(path);
    const cacher = target === null ? undefined : cachers.get(target.resource);
    if (target === null || cacher === undefined || target.subresource !== null) {
      const { body } = target === null ? unknownPath() : badRequest("this resource cannot be watched");
      order.pipe.send(() => order.handlers.onEvent("ERROR", body));
      order.pipe.send(() => order.handlers.onEnd("HTTP 404"));
      return () => undefined;
    }
    return open(cacher, { ...order, target });
  }

  function open(cacher: Cacher, order: WatchOrder): () => void {
    let opened: OpenWatch | null = null;
    const begin = () => {
      if (order.isClosed()) return;
      opened = openWatch({ process, cacher }, order, () => {
        if (opened !== null) watches.delete(opened);
      });
      if (opened !== null) watches.add(opened);
    };
    if (cacher.cache.resource.hasWatchCache || cacher.isReady) begin();
    else followUncached(cacher, begin);
    return () => opened?.drop();
  }

  function followUncached(cacher: Cacher, begin: () => void): void {
    if (!followed.has(cacher)) cacher.start();
    followed.add(cacher);
    cacher.waitFor(0, READ_LIMIT_MS, begin);
  }

  return {
    serve,
    watch,
    cacheRevisions: () => new Map(cached.map(({ cache }) => [resourceName(cache.resource), cache.revision])),
    ended: () => {
      for (const one of watches) one.end("connection-reset");
    },
  };
}
