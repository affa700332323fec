/**
 * The part of dqlite's wire protocol that a read-only witness needs.
 * Sources: dqlite 1.18.2 `src/{protocol,request,response,gateway}.[ch]`, go-dqlite `internal/protocol/`, and
 * https://dqlite.io/docs/reference/wire-protocol; the bytes were compared with a real cluster (see `fixtures/`).
 */
import { encodeUint64, WORD_BYTES, WordReader } from "./words.ts";

/** What a client sends first, alone and without an answer: protocol version 1. */
export const HANDSHAKE: Buffer = encodeUint64(1n);

/** uint32 body length in words, uint8 type, uint8 schema, uint16 zero. */
export const HEADER_BYTES = 8;

/**
 * Requests that are answered from the member's own memory and change nothing. Type 11 (Connect) is not here and never
 * will be: it turns the connection into one between raft peers.
 */
export const REQUEST_TYPES = { leader: 0, client: 1, cluster: 16, describe: 18 } as const;

/** Format 1 of the Cluster request adds each server's role; format 0 has none. */
const CLUSTER_FORMAT_WITH_ROLES = 1n;

/** Any other format of Describe makes dqlite 1.18 send two answers (`src/gateway.c:1296`). */
const DESCRIBE_FORMAT = 0n;

export interface Frame {
  readonly type: number;
  readonly schema: number;
  /** A whole number of words. */
  readonly body: Buffer;
}

export interface FrameHeader {
  readonly type: number;
  readonly schema: number;
  readonly bodyBytes: number;
}

export type Request =
  | { readonly kind: "leader" }
  /** Registers a client id; the answer is Welcome. Optional for everything else here. */
  | { readonly kind: "client"; readonly id: bigint }
  | { readonly kind: "cluster" }
  | { readonly kind: "describe" };

/** Header and body of one message. Throws RangeError when the body is not a whole number of words. */
export function encodeFrame({ type, schema, body }: Frame): Buffer {
  if (body.length % WORD_BYTES !== 0) throw new RangeError("a body is a whole number of words");
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(body.length / WORD_BYTES, 0);
  header.writeUInt8(type, 4);
  header.writeUInt8(schema, 5);
  return Buffer.concat([header, body]);
}

/** `header` holds at least HEADER_BYTES. */
export function decodeHeader(header: Buffer): FrameHeader {
  return {
    bodyBytes: header.readUInt32LE(0) * WORD_BYTES,
    type: header.readUInt8(4),
    schema: header.readUInt8(5),
  };
}

export function encodeRequest(request: Request): Buffer {
  return encodeFrame({ type: REQUEST_TYPES[request.kind], schema: 0, body: requestBody(request) });
}

function requestBody(request: Request): Buffer {
  switch (request.kind) {
    case "leader":
      return encodeUint64(0n);
    case "client":
      return encodeUint64(request.id);
    case "cluster":
      return encodeUint64(CLUSTER_FORMAT_WITH_ROLES);
    case "describe":
      return encodeUint64(DESCRIBE_FORMAT);
  }
}

/** The other direction, for servers in tests. Throws TapError `protocol` for anything that is not one of ours. */
export function decodeRequest({ type, body }: Frame): Request {
  const reader = new WordReader(body, `type ${type} request`);
  const argument = reader.uint64();
  reader.end();
  if (type === REQUEST_TYPES.leader) return { kind: "leader" };
  if (type === REQUEST_TYPES.client) return { kind: "client", id: argument };
  if (type === REQUEST_TYPES.cluster && argument === CLUSTER_FORMAT_WITH_ROLES) return { kind: "cluster" };
  if (type === REQUEST_TYPES.describe && argument === DESCRIBE_FORMAT) return { kind: "describe" };
  throw reader.fault("is not one that a witness sends");
}
