import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Json } from "../datastore/datastore.ts";
import type { Port } from "../network.ts";
import type { Process } from "../process.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly contentType?: string;
  /** Who asks, for audit and field managers, for example `system:kube-controller-manager`. */
  readonly userAgent?: string;
}

export interface ApiResponse {
  readonly status: number;
  /** JSON, or text for `/readyz`, `/livez`, `/metrics`. */
  readonly body: Json;
  /** The Date header: the host's clock, whole seconds, ms since the epoch. */
  readonly dateMs: number;
}

export interface ApiWatchHandlers {
  readonly onEvent: (type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR", object: Json) => void;
  readonly onEnd: (reason: string) => void;
}

/** The kube-apiserver of one node, inside its kubelite. */
export interface ApiServer {
  readonly node: NodeName;
  /** TCP 16443 of the node. */
  readonly port: Port;
  boot(process: Process): void;
  /** Answers in the client's process; refused or unanswered as the network has it. Statuses and bodies are Kubernetes's. */
  request(
    client: Process,
    request: ApiRequest,
    answered: (response: ApiResponse) => void,
    refused: (why: string) => void,
  ): void;
  /** WATCH through the watch cache. The returned function ends it. */
  watch(client: Process, path: string, query: Readonly<Record<string, string>>, handlers: ApiWatchHandlers): () => void;
  /** Truths for invariants: what each resource's watch cache holds up to, by `resource.group`. */
  cacheRevisions(): ReadonlyMap<string, number>;
}
