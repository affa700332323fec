import type { Reading } from "../core/model/observed.ts";

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path without query, for example `/api/v1/nodes`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`; a PATCH names its kind, for example `application/merge-patch+json`. */
  readonly contentType?: string;
  readonly deadlineMs: number;
}

export interface KubeResponse {
  readonly status: number;
  /** From the first byte sent to the last byte read. */
  readonly latencyMs: number;
  /** `metadata.resourceVersion` of the object or list, when the body has one. */
  readonly resourceVersion: string | null;
  /** The apiserver's clock (its Date header), ms since the epoch in whole seconds; null when it sent none. */
  readonly serverDateMs: number | null;
  /** Parsed JSON; text for other content types (for example `/readyz`). */
  readonly body: unknown;
}

export interface KubeWatchHandlers {
  /** ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, with the object as parsed JSON. */
  onEvent(type: string, object: unknown): void;
  /** Exactly once, when the stream has ended, with the reason. */
  onEnd(reason: string): void;
}

/** One apiserver, reached directly (never through a load balancer). */
export interface KubeApi {
  /** Any HTTP status is a known reading; no answer is unknown. 401/403 are `permission-denied`. Never throws. */
  request(request: KubeRequest): Promise<Reading<KubeResponse>>;
  /** Opens a WATCH; the returned function ends it. */
  watch(path: string, query: Readonly<Record<string, string>>, handlers: KubeWatchHandlers): () => void;
  /** HTTP/2 PING round trip in ms. Never throws. */
  ping(deadlineMs: number): Promise<Reading<number>>;
  close(): void;
}
