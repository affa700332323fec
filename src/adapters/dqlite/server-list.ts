import { parseDocument } from "yaml";
import type { DqliteServer } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import { ROLES } from "./responses.ts";
import { UINT64_MAX } from "./words.ts";

/**
 * Longest file that is parsed. A server takes about 70 characters, so this is over 200 of them. Larger costs time: the
 * parser was busy with 60 kB of hostile nesting for 5 s, with 16 kB for 0.2 s (measured).
 */
export const SERVER_LIST_CHARS_MAX = 16 * 1024;

const ADDRESS = /^[\x21-\x7e]{1,300}$/;

/**
 * `cluster.yaml` of the backend directory: all servers as this node knew them at its last refresh (every 30 s), so roles
 * may be stale. Never judge quorum by it; it tells whom to ask. Unknown is `protocol` with one line that says where.
 */
export function parseServerList(text: string): Reading<readonly DqliteServer[]> {
  return parse("cluster.yaml", text, (root) => {
    if (root === null) return [];
    if (!Array.isArray(root)) throw new FormatError("is not a list");
    return root.map((entry, index) => toServer(entry, `entry ${index + 1}: `));
  });
}

/** `info.yaml` of the backend directory: this node itself. Its `ID` is what a leader is compared by. */
export function parseNodeInfo(text: string): Reading<DqliteServer> {
  return parse("info.yaml", text, (root) => toServer(root, ""));
}

class FormatError extends Error {}

function parse<T>(file: string, text: string, convert: (root: unknown) => T): Reading<T> {
  if (text.length > SERVER_LIST_CHARS_MAX) {
    return unknown("protocol", `${file}: ${text.length} characters, at most ${SERVER_LIST_CHARS_MAX} are read`);
  }
  // Ids exceed 2^53: a plain parse would silently round them.
  const document = parseDocument(text, { intAsBigInt: true, prettyErrors: false, logLevel: "error" });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const line = text.slice(0, fault.pos[0]).split("\n").length;
    return unknown("protocol", `${file}: line ${line}: not YAML (${fault.code})`);
  }
  try {
    // No aliases: these files have none, and they are the way to make a small file huge.
    return known(convert(document.toJS({ maxAliasCount: 0 })));
  } catch (error) {
    if (error instanceof FormatError) return unknown("protocol", `${file}: ${error.message}`);
    if (error instanceof ReferenceError) return unknown("protocol", `${file}: aliases are not accepted`);
    throw error;
  }
}

/** A missing Role is 0, as Go reads it: files from before roles existed hold voters only. */
function toServer(entry: unknown, where: string): DqliteServer {
  if (typeof entry !== "object" || entry === null) throw new FormatError(`${where}has no ID and Address`);
  const { ID: id, Address: address, Role: number = 0n } = entry as Readonly<Record<string, unknown>>;
  if (typeof id !== "bigint" || id < 1n || id > UINT64_MAX) throw new FormatError(`${where}ID is no 64-bit number`);
  if (typeof address !== "string" || !ADDRESS.test(address)) throw new FormatError(`${where}Address is none`);
  const role = typeof number === "bigint" ? ROLES[Number(number)] : undefined;
  if (role === undefined) throw new FormatError(`${where}Role is not 0, 1 or 2`);
  return { id: String(id), address, role };
}
