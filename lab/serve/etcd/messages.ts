import type { DatastoreEvent, Json, StoredObject } from "../../world/datastore/datastore.ts";
import { type Fields, Message, parse } from "../protobuf.ts";

/** etcd v3 messages, server's side. Field numbers: etcd api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto. */

export interface RangeRequest {
  readonly key: string;
  /** Empty: one key. */
  readonly rangeEnd: Buffer;
  readonly limit: number;
  readonly revision: number;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
}

export function parseRange(message: Buffer): RangeRequest {
  const fields = parse(message);
  return {
    key: fields.text(1),
    rangeEnd: fields.bytes(2),
    limit: fields.int(3),
    revision: fields.int(4),
    keysOnly: fields.bool(8),
    countOnly: fields.bool(9),
  };
}

/** Whether the range is all keys that begin with `key`: its end is the key with its last byte counted up. */
export function isPrefixRange({ key, rangeEnd }: Pick<RangeRequest, "key" | "rangeEnd">): boolean {
  const end = Buffer.from(key, "utf8");
  if (end.length === 0) return rangeEnd.equals(Buffer.from([0]));
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return rangeEnd.equals(end);
}

export function rangeResponse(revision: number, objects: readonly StoredObject[], request: RangeRequest): Buffer {
  const response = new Message().message(1, header(revision));
  const shown = request.limit > 0 ? objects.slice(0, request.limit) : objects;
  if (!request.countOnly) for (const object of shown) response.message(2, keyValue(object, !request.keysOnly));
  return response
    .bool(3, shown.length < objects.length)
    .int(4, objects.length)
    .done();
}

export type WatchRequest =
  | {
      readonly kind: "create";
      readonly key: string;
      readonly rangeEnd: Buffer;
      readonly startRevision: number;
      readonly progress: boolean;
      readonly watchId: number;
    }
  | { readonly kind: "cancel"; readonly watchId: number }
  | { readonly kind: "progress" }
  | { readonly kind: "unknown" };

export function parseWatch(message: Buffer): WatchRequest {
  const fields = parse(message);
  if (fields.has(1)) return parseCreate(parse(fields.bytes(1)));
  if (fields.has(2)) return { kind: "cancel", watchId: parse(fields.bytes(2)).int(1) };
  return { kind: fields.has(3) ? "progress" : "unknown" };
}

function parseCreate(create: Fields): WatchRequest {
  return {
    kind: "create",
    key: create.text(1),
    rangeEnd: create.bytes(2),
    startRevision: create.int(3),
    progress: create.bool(4),
    watchId: create.int(7),
  };
}

export interface WatchAnswer {
  readonly revision: number;
  readonly watchId: number;
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compactRevision?: number;
  readonly cancelReason?: string;
  readonly events?: readonly DatastoreEvent[];
}

export function watchResponse(answer: WatchAnswer): Buffer {
  const response = new Message().message(1, header(answer.revision)).int(2, answer.watchId);
  response.bool(3, answer.created === true).bool(4, answer.canceled === true);
  response.int(5, answer.compactRevision ?? 0).bytes(6, answer.cancelReason ?? "");
  for (const event of answer.events ?? []) response.message(11, eventMessage(event));
  return response.done();
}

/** StatusResponse: version 2, dbSize 3, leader 4, raftIndex 5, raftTerm 6. k8s-dqlite tells its version and size only. */
export function statusResponse(revision: number, version: string, dbSizeBytes: number): Buffer {
  return new Message().message(1, header(revision)).bytes(2, version).int(3, dbSizeBytes).done();
}

/** ResponseHeader: revision 3. */
function header(revision: number): Message {
  return new Message().int(3, revision);
}

/** KeyValue: key 1, create_revision 2, mod_revision 3, version 4, value 5. */
function keyValue({ key, value, createRevision, modRevision }: StoredObject, hasValue: boolean): Message {
  const message = new Message().bytes(1, key).int(2, createRevision).int(3, modRevision);
  return hasValue ? message.bytes(5, encodeValue(value)) : message;
}

/** Event: type 1 (0 put, 1 delete), kv 2, prev_kv 3. */
function eventMessage(event: DatastoreEvent): Message {
  const current: StoredObject = {
    key: event.key,
    value: event.value,
    createRevision: event.isCreate ? event.revision : 0,
    modRevision: event.revision,
  };
  const message = new Message().int(1, event.type === "delete" ? 1 : 0);
  message.message(2, keyValue(current, event.type === "put"));
  if (event.previous === null) return message;
  return message.message(3, new Message().bytes(1, event.key).bytes(5, encodeValue(event.previous)));
}

/** Kubernetes stores protobuf by default; the lab's objects are JSON, which is the other storage format it knows. */
function encodeValue(value: Json): Buffer {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value), "utf8");
}
