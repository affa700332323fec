import type { Http2ServerResponse } from "node:http2";
import type { Json } from "../../world/datastore/datastore.ts";
import { field, isFields } from "../../world/kube/object.ts";
import type { Reply } from "../../world/kube/status.ts";
import { rowObjectOf, type Shape } from "./accept.ts";
import type { Asked } from "./request.ts";
import { tableOf } from "./tables/table.ts";

/** A request that waits for its answer. */
export interface Answering {
  readonly response: Http2ServerResponse;
  readonly asked: Asked;
  readonly shape: Shape;
  /** The world's now, for answers that the world did not date. */
  readonly nowMs: () => number;
  /** The Date header's time, when the world's apiserver answered. */
  readonly dateMs?: number;
  /** The body is an APIGroupDiscoveryList. */
  readonly isDiscovery?: boolean;
}

const DISCOVERY_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Sends an answer in the shape that was asked for. */
export function sendReply(answering: Answering, { status, body }: Reply): void {
  const { response, asked } = answering;
  if (response.writableEnded || response.destroyed) return;
  const dateMs = answering.dateMs ?? answering.nowMs();
  const shown = typeof body === "string" ? body : `${JSON.stringify(shapeBody(answering, status, body, dateMs))}\n`;
  response.sendDate = false;
  response.writeHead(status, {
    date: new Date(dateMs).toUTCString(),
    "cache-control": "no-cache, private",
    "content-type": contentType(body, answering.isDiscovery === true),
    ...retryAfter(body),
  });
  response.end(asked.method === "HEAD" ? "" : shown);
}

function contentType(body: Json, isDiscovery: boolean): string {
  if (typeof body === "string") return "text/plain; charset=utf-8";
  return isDiscovery ? DISCOVERY_TYPE : "application/json";
}

function retryAfter(body: Json): Readonly<Record<string, string>> {
  const seconds = field(body, "details", "retryAfterSeconds");
  return typeof seconds === "number" ? { "retry-after": String(seconds) } : {};
}

function shapeBody({ shape, asked }: Answering, status: number, body: Json, nowMs: number): Json {
  if (status >= 300) return body;
  if (shape === "table") return tableOf(body, rowObjectOf(asked.query["includeObject"]), nowMs) ?? body;
  if (shape === "metadata") return metadataOf(body);
  return body;
}

/** `PartialObjectMetadata`: for clients that want no more than metadata. */
function metadataOf(body: Json): Json {
  if (!isFields(body) || body["kind"] === "Status") return body;
  const { items, metadata } = body;
  if (!Array.isArray(items)) return partial(body);
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata: metadata ?? {},
    items: (items as readonly Json[]).map(partial),
  };
}

function partial(one: Json): Json {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: field(one, "metadata") ?? {} };
}
