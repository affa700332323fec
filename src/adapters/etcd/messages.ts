/**
 * The handful of etcd v3 messages a read-only witness needs, by hand on the wire reader and writer of
 * `@bufbuild/protobuf`: eight fields do not pay for a code generator in the build, and varints are not written twice.
 * Field numbers: etcd api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TapError } from "../../ports/tap-error.ts";

/** Range of one key (field 1), linearizable: `serializable` (field 7) stays false, its default. */
export function encodeRangeRequest(key: string): Uint8Array {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).string(key).finish();
}

/**
 * WatchRequest.create_request (1) of all keys from `key` (1) up to `rangeEnd` (2), from now on, with progress_notify (4):
 * kine counts a watch among those that must be in sync before it answers a progress request only with it, and kine 0.17
 * answers one without it only while the store's last write happens to be an event of the watch. k8s-dqlite ignores it.
 */
export function encodeWatchCreate(key: string, rangeEnd: Uint8Array): Uint8Array {
  const create = new BinaryWriter().tag(1, WireType.LengthDelimited).string(key);
  create.tag(2, WireType.LengthDelimited).bytes(rangeEnd).tag(4, WireType.Varint).bool(true);
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(create.finish()).finish();
}

/** WatchRequest.progress_request (3), which is empty. */
export function encodeWatchProgress(): Uint8Array {
  return new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(new Uint8Array(0)).finish();
}

/** The end of the range of all keys with `prefix`: the prefix with its last byte that is not 0xff counted up. */
export function prefixRangeEnd(prefix: string): Uint8Array {
  const end = Buffer.from(prefix, "utf8");
  for (let last = end.length - 1; last >= 0; last--) {
    const byte = end[last] ?? 0xff;
    if (byte === 0xff) continue;
    end[last] = byte + 1;
    return end.subarray(0, last + 1);
  }
  // Etcd: range_end "\0" means all keys from `key` on.
  return Buffer.from([0]);
}

/** RangeResponse: the header's revision (1.3). Throws TapError `protocol`. */
export function decodeRangeRevision(message: Uint8Array): number {
  let revision = 0;
  readFields(message, { bytes: { 1: (header) => (revision = decodeHeader(header)) } });
  if (revision > 0) return revision;
  throw new TapError("protocol", "the answer has no header revision");
}

/** One WatchResponse, as far as it matters here. */
export interface WatchResponse {
  /** 0 when the server sent no header revision. */
  readonly headerRevision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Above 0 when the watch was canceled because it began below this revision. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** The highest modification revision among the events; null without events. */
  readonly eventsRevision: number | null;
}

/** WatchResponse: header 1, created 3, canceled 4, compact_revision 5, cancel_reason 6, events 11. Throws TapError. */
export function decodeWatchResponse(message: Uint8Array): WatchResponse {
  let headerRevision = 0;
  let created = false;
  let canceled = false;
  let compactRevision = 0;
  let cancelReason = "";
  let eventsRevision: number | null = null;
  readFields(message, {
    bytes: {
      1: (header) => (headerRevision = decodeHeader(header)),
      6: (reason) => (cancelReason = Buffer.from(reason).toString("utf8")),
      11: (event) => (eventsRevision = Math.max(eventsRevision ?? 0, decodeEvent(event))),
    },
    varint: {
      3: (flag) => (created = flag !== 0n),
      4: (flag) => (canceled = flag !== 0n),
      5: (revision) => (compactRevision = toRevision(revision)),
    },
  });
  return { headerRevision, created, canceled, compactRevision, cancelReason, eventsRevision };
}

/** ResponseHeader: revision 3. Zero when absent. */
function decodeHeader(message: Uint8Array): number {
  let revision = 0;
  readFields(message, { varint: { 3: (value) => (revision = toRevision(value)) } });
  return revision;
}

/** Event: kv 2; KeyValue: mod_revision 3. A deletion carries the revision of the deletion there. */
function decodeEvent(message: Uint8Array): number {
  let revision = 0;
  const decodeKeyValue = (keyValue: Uint8Array): void =>
    readFields(keyValue, { varint: { 3: (value) => (revision = toRevision(value)) } });
  readFields(message, { bytes: { 2: decodeKeyValue } });
  return revision;
}

/** An int64 as a revision: 0 to 2^53-1. Throws TapError `protocol` for anything else. */
function toRevision(value: bigint): number {
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new TapError("protocol", `${value} is no revision that can be compared`);
}

interface Wanted {
  readonly bytes?: Readonly<Record<number, (value: Uint8Array) => void>>;
  readonly varint?: Readonly<Record<number, (value: bigint) => void>>;
}

/** Hands the wanted fields of a message to their functions and skips the others. Hostile bytes throw TapError. */
function readFields(message: Uint8Array, wanted: Wanted): void {
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      const onBytes = wireType === WireType.LengthDelimited ? wanted.bytes?.[field] : undefined;
      const onVarint = wireType === WireType.Varint ? wanted.varint?.[field] : undefined;
      if (onBytes !== undefined) onBytes(reader.bytes());
      else if (onVarint !== undefined) onVarint(BigInt(reader.int64()));
      else reader.skip(wireType, field);
    }
  } catch (error) {
    if (error instanceof TapError) throw error;
    throw new TapError("protocol", `not an etcd message: ${(error as Error).message}`, { cause: error });
  }
}
