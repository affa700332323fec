import type { DqliteServer } from "../../../src/core/model/observation.ts";

/**
 * The server's side of dqlite's wire protocol, as far as it is answered without being the leader.
 * Sources: dqlite 1.18 `src/{protocol,request,response,gateway}.[ch]`, https://dqlite.io/docs/reference/wire-protocol.
 */
const WORD_BYTES = 8;
const HEADER_BYTES = 8;

/** Longest body that is taken: what clients send here has one word. */
const BODY_BYTES_MAX = 64 * 1024;

export const REQUEST = { leader: 0, client: 1, open: 3, cluster: 16, describe: 18 } as const;
const RESPONSE = { failure: 0, node: 1, welcome: 2, nodes: 3, metadata: 10 } as const;

/** Roles by their number. */
export const ROLES: readonly DqliteServer["role"][] = ["voter", "stand-by", "spare"];

/** `heartbeat_timeout` of dqlite's configuration, ms. */
const HEARTBEAT_TIMEOUT_MS = 15_000n;

export interface RequestFrame {
  readonly type: number;
  readonly body: Buffer;
}

/** Cuts a client's bytes into requests. Throws RangeError for what is no dqlite. */
export function createRequestReader(): (chunk: Buffer) => readonly RequestFrame[] {
  let held = Buffer.alloc(0);
  let hasGreeted = false;
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    const frames: RequestFrame[] = [];
    if (!hasGreeted) {
      if (held.length < WORD_BYTES) return frames;
      if (!isHandshake(held.readBigUInt64LE(0))) throw new RangeError("no handshake of dqlite");
      hasGreeted = true;
      held = held.subarray(WORD_BYTES);
    }
    while (held.length >= HEADER_BYTES) {
      const bodyBytes = held.readUInt32LE(0) * WORD_BYTES;
      if (bodyBytes > BODY_BYTES_MAX) throw new RangeError("a request that is too long");
      if (held.length < HEADER_BYTES + bodyBytes) break;
      frames.push({ type: held.readUInt8(4), body: held.subarray(HEADER_BYTES, HEADER_BYTES + bodyBytes) });
      held = held.subarray(HEADER_BYTES + bodyBytes);
    }
    return frames;
  };
}

/** Protocol version 1, and the one from before versions. */
function isHandshake(version: bigint): boolean {
  return version === 1n || version === 0x86104dd760433fe5n;
}

export const answers = {
  failure: (code: bigint, message: string) => frame(RESPONSE.failure, uint64(code), text(message)),
  /** Id 0 and an empty address: none. */
  node: (id: string, address: string) => frame(RESPONSE.node, uint64(BigInt(id)), text(address)),
  welcome: () => frame(RESPONSE.welcome, uint64(HEARTBEAT_TIMEOUT_MS)),
  nodes: (servers: readonly DqliteServer[]) =>
    frame(RESPONSE.nodes, uint64(BigInt(servers.length)), ...servers.flatMap(serverParts)),
  metadata: (failureDomain: bigint, weight: bigint) => frame(RESPONSE.metadata, uint64(failureDomain), uint64(weight)),
} as const;

function serverParts({ id, address, role }: DqliteServer): readonly Buffer[] {
  return [uint64(BigInt(id)), text(address), uint64(BigInt(ROLES.indexOf(role)))];
}

function frame(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(body.length / WORD_BYTES, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, body]);
}

function uint64(value: bigint): Buffer {
  const word = Buffer.alloc(WORD_BYTES);
  word.writeBigUInt64LE(value);
  return word;
}

/** Bytes, NUL, zeros up to a whole word. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  const words = Buffer.alloc(Math.ceil((bytes.length + 1) / WORD_BYTES) * WORD_BYTES);
  bytes.copy(words);
  return words;
}
