import { TapError } from "../../ports/tap-error.ts";
import { encodeText, encodeUint64, WORD_BYTES, WordReader } from "./words.ts";
import type { Frame } from "./wire.ts";
import { encodeFrame } from "./wire.ts";

export const RESPONSE_TYPES = { failure: 0, node: 1, welcome: 2, nodes: 3, metadata: 10 } as const;

/** Roles by their number on the wire and in `cluster.yaml`. */
export const ROLES = ["voter", "stand-by", "spare"] as const;
export type Role = (typeof ROLES)[number];

/** id, the shortest text, role: no server takes fewer bytes, so a count can be checked before it is believed. */
const SERVER_BYTES_MIN = 3 * WORD_BYTES;

/** `host:port`, `[v6]:port` or `@name`: nothing that could move a cursor or break a line. A DNS name has at most 253. */
const ADDRESS = /^[\x21-\x7e]{0,300}$/;

/** Longest failure text that is shown: SQLite's and dqlite's own are far shorter. */
const FAILURE_CHARS_MAX = 200;

export interface Server {
  /** uint64. */
  readonly id: bigint;
  readonly address: string;
  readonly role: Role;
}

export type Response =
  /** `code` is an SQLite or dqlite code, for example 10250 for `not leader`. */
  | { readonly kind: "failure"; readonly code: bigint; readonly message: string }
  /** Id 0 and an empty address: names none. */
  | { readonly kind: "node"; readonly id: bigint; readonly address: string }
  | { readonly kind: "welcome"; readonly heartbeatTimeoutMs: bigint }
  | { readonly kind: "nodes"; readonly servers: readonly Server[] }
  | { readonly kind: "metadata"; readonly failureDomain: bigint; readonly weight: bigint };

/** Throws TapError `protocol` for unknown types and for bodies that are too short, too long or not what they should be. */
export function decodeResponse({ type, body }: Frame): Response {
  const name = Object.entries(RESPONSE_TYPES).find(([, number]) => number === type)?.[0];
  const reader = new WordReader(body, name ?? `type ${type}`);
  const response = readBody(type, reader);
  reader.end();
  return response;
}

function readBody(type: number, reader: WordReader): Response {
  switch (type) {
    case RESPONSE_TYPES.failure:
      return { kind: "failure", code: reader.uint64(), message: printable(reader.text()) };
    case RESPONSE_TYPES.node:
      return { kind: "node", id: reader.uint64(), address: readAddress(reader) };
    case RESPONSE_TYPES.welcome:
      return { kind: "welcome", heartbeatTimeoutMs: reader.uint64() };
    case RESPONSE_TYPES.nodes:
      return { kind: "nodes", servers: readServers(reader) };
    case RESPONSE_TYPES.metadata:
      return { kind: "metadata", failureDomain: reader.uint64(), weight: reader.uint64() };
    default:
      throw new TapError("protocol", `type ${type} is not an answer that was asked for`);
  }
}

function readServers(reader: WordReader): Server[] {
  const count = reader.uint64();
  if (count * BigInt(SERVER_BYTES_MIN) > BigInt(reader.bytesLeft)) throw reader.fault(`claims ${count} servers`);
  return Array.from({ length: Number(count) }, () => {
    const id = reader.uint64();
    const address = readAddress(reader);
    const number = reader.uint64();
    const role = number < BigInt(ROLES.length) ? ROLES[Number(number)] : undefined;
    if (role === undefined) throw reader.fault(`has the unknown role ${number}`);
    return { id, address, role };
  });
}

function readAddress(reader: WordReader): string {
  const address = reader.text();
  if (!ADDRESS.test(address)) throw reader.fault("has an address that is none");
  return address;
}

/** One line that is safe on a terminal. */
function printable(text: string): string {
  return text.slice(0, FAILURE_CHARS_MAX).replaceAll(/[^\x20-\x7e]/g, "?");
}

/** The other direction, for servers in tests. */
export function encodeResponse(response: Response): Buffer {
  const parts = responseParts(response);
  return encodeFrame({ type: RESPONSE_TYPES[response.kind], schema: 0, body: Buffer.concat(parts) });
}

function responseParts(response: Response): Buffer[] {
  switch (response.kind) {
    case "failure":
      return [encodeUint64(response.code), encodeText(response.message)];
    case "node":
      return [encodeUint64(response.id), encodeText(response.address)];
    case "welcome":
      return [encodeUint64(response.heartbeatTimeoutMs)];
    case "nodes":
      return [encodeUint64(BigInt(response.servers.length)), ...response.servers.flatMap(serverParts)];
    case "metadata":
      return [encodeUint64(response.failureDomain), encodeUint64(response.weight)];
  }
}

function serverParts({ id, address, role }: Server): Buffer[] {
  return [encodeUint64(id), encodeText(address), encodeUint64(BigInt(ROLES.indexOf(role)))];
}
