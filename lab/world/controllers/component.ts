import type { Prng } from "../../sim/prng.ts";
import type { Sim } from "../../sim/sim.ts";
import type { Json } from "../datastore/datastore.ts";
import type { Host } from "../host/host.ts";
import type { ApiRequest, ApiServer } from "../kube/apiserver.ts";
import { callApi } from "../kube/client.ts";
import type { Klog } from "../kube/klog.ts";
import { field, isObject, type KubeObject } from "../kube/object.ts";
import { apiPath, resourceNamed } from "../kube/resources.ts";
import { timeText } from "../kube/time.ts";
import type { Process } from "../process.ts";
import type { Informers } from "./informers.ts";
import { type Task, until } from "./task.ts";

/** The apiserver ends each request after 60 s; a client without a deadline of its own hears of it by then. */
const REQUEST_DEADLINE_MS = 65_000;

/** How a request ended for a controller. Status 0: no answer. */
export type Reply =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly status: number; readonly why: string };

/** Reads and writes of one object, each a step of a task. Reads are with unset resourceVersion: from the store. */
export interface Api {
  get(resource: string, namespace: string | null, name: string): Task<Reply>;
  create(resource: string, object: KubeObject): Task<Reply>;
  /** PUT: refused with 409 when the object's resourceVersion is not the newest. */
  update(resource: string, object: KubeObject, subresource?: "status" | "finalize"): Task<Reply>;
  /** JSON merge patch. */
  patch(
    resource: string,
    target: { readonly namespace: string | null; readonly name: string; readonly subresource?: "status" },
    changes: Json,
  ): Task<Reply>;
  delete(resource: string, object: KubeObject, options?: { readonly gracePeriodSeconds: number }): Task<Reply>;
  /** POST of `pods/NAME/binding`. */
  bind(pod: KubeObject, nodeName: string): Task<Reply>;
}

/** What a component of the control plane works with. */
export interface Component {
  readonly sim: Sim;
  readonly host: Host;
  readonly process: Process;
  readonly apiserver: ApiServer;
  readonly informers: Informers;
  readonly api: Api;
  /** Names and jitter. */
  readonly draws: Prng;
  /** Posts an Event about an object; nobody waits for it. */
  readonly record: (about: KubeObject, type: "Normal" | "Warning", reason: string, message: string) => void;
  /** A klog line of the process. */
  readonly print: Klog;
}

interface ComponentOptions extends Pick<Component, "sim" | "host" | "process" | "apiserver" | "informers" | "print"> {
  /** `kube-controller-manager`: for the audit, events and its stream of randomness. */
  readonly name: string;
}

export function createComponent(options: ComponentOptions): Component {
  const { sim, host, process, apiserver, informers, print, name } = options;
  const api = createApi(process, apiserver, name);
  const draws = sim.random(`${name} ${host.name}`);
  const record: Component["record"] = (about, type, reason, message) => {
    const event = eventOf(name, host, draws.hex(16), { about, type, reason, message });
    post(process, apiserver, name, event);
  };
  return { sim, host, process, apiserver, informers, api, draws, record, print };
}

export function createApi(process: Process, apiserver: ApiServer, userAgent: string): Api {
  function* send(request: ApiRequest): Task<Reply> {
    return yield* until<Reply>((done) =>
      callApi(process, apiserver, { ...request, userAgent }, REQUEST_DEADLINE_MS, (result) => {
        if (!result.answered) return done({ ok: false, status: 0, why: result.why });
        if (result.status < 300 && typeof result.body === "object") {
          return done({ ok: true, object: result.body as KubeObject });
        }
        const message = field(result.body, "message");
        done({ ok: false, status: result.status, why: typeof message === "string" ? message : `${result.status}` });
      }),
    );
  }

  return {
    get: (resource, namespace, name) =>
      send({ method: "GET", path: apiPath(resourceNamed(resource), namespace, name) }),
    create: (resource, object) =>
      send({ method: "POST", path: apiPath(resourceNamed(resource), object.metadata.namespace ?? null), body: object }),
    update: (resource, object, subresource) =>
      send({ method: "PUT", path: pathOf(resource, object, subresource), body: object }),
    patch: (resource, { namespace, name, subresource }, body) => {
      const path = apiPath(resourceNamed(resource), namespace, name, subresource);
      return send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
    },
    delete: (resource, object, deleteOptions) => {
      const { uid } = object.metadata;
      const body: Json = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        ...(uid === undefined ? {} : { preconditions: { uid } }),
        ...deleteOptions,
      };
      return send({ method: "DELETE", path: pathOf(resource, object), body });
    },
    bind: (pod, nodeName) => {
      const { name, namespace, uid = "" } = pod.metadata;
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }), uid };
      const target = { apiVersion: "v1", kind: "Node", name: nodeName };
      const body: Json = { apiVersion: "v1", kind: "Binding", metadata, target };
      return send({ method: "POST", path: pathOf("pods", pod, "binding"), body });
    },
  };
}

function pathOf(resource: string, { metadata }: KubeObject, subresource?: string): string {
  return apiPath(resourceNamed(resource), metadata.namespace ?? null, metadata.name, subresource);
}

interface Told {
  readonly about: KubeObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** An Event as client-go's recorder makes it; its name ends in 16 hex digits of the time, here drawn. */
export function eventOf(component: string, host: Host, suffix: string, { about, ...told }: Told): KubeObject {
  const now = timeText(host.clock.nowMs());
  const { apiVersion, kind, metadata } = about;
  const namespace = metadata.namespace ?? "default";
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${metadata.name}.${suffix}`, namespace },
    involvedObject: { apiVersion, kind, name: metadata.name, namespace, uid: metadata.uid ?? "" },
    ...told,
    source: { component, host: host.name },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    reportingComponent: component,
    reportingInstance: host.name,
  } as KubeObject;
}

/** Writes an object and forgets it. */
export function post(process: Process, apiserver: ApiServer, userAgent: string, event: KubeObject): void {
  const path = apiPath(resourceNamed("events"), event.metadata.namespace ?? "default");
  if (isObject(event)) apiserver.request(process, { method: "POST", path, body: event, userAgent }, nothing, nothing);
}

function nothing(): void {
  // Nobody waits for it.
}
