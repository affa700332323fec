import type { ConnectTarget } from "../../ports/node-access.ts";

const HOST_AND_PORT = /^(?:\[([\da-fA-F:.%\w-]+)\]|([\w.-]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/**
 * What a dqlite address dials: `host:port`, `[v6]:port`, or `@name` for an abstract unix socket (its path begins with a
 * NUL, and it exists only in the network namespace of its process). Null for anything else.
 */
export function parseAddress(address: string): ConnectTarget | null {
  if (/^@[\x21-\x7e]+$/.test(address)) return { kind: "unix", path: `\0${address.slice(1)}` };
  const [, v6, name, digits] = HOST_AND_PORT.exec(address) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > PORT_MAX) return null;
  return { kind: "tcp", host, port };
}
