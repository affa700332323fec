import * as http from "node:http";
import type { Duplex } from "node:stream";
import type { Reading } from "../../core/model/observed.ts";
import type { ConnectTarget } from "../../ports/node-access.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { toTapError } from "../net/connection-errors.ts";
import type { DatastoreMetrics } from "./parse.ts";
import { parseDatastoreMetrics } from "./parse.ts";

/** k8s-dqlite serves some 60 KB, most of it the Go runtime's; this only bounds what a stranger can send. */
export const METRICS_BYTES_MAX = 4 * 1024 * 1024;

/** Opens a connection as seen from the node, within the deadline: `NodeAccess.connect` fits. */
export type Connect = (target: ConnectTarget, deadlineMs: number) => Promise<Duplex>;

/**
 * k8s-dqlite's counters from `GET /metrics` (its `--metrics-listen`, by default 127.0.0.1:9042). `not-configured`
 * when nobody listens there (`--metrics` is off) or another program does. Never throws.
 */
export async function readDatastoreMetrics(
  connect: Connect,
  address: { readonly host: string; readonly port: number },
  deadlineMs: number,
): Promise<Reading<DatastoreMetrics>> {
  return toReading(read(connect, address, deadlineMs));
}

async function read(
  connect: Connect,
  address: { readonly host: string; readonly port: number },
  deadlineMs: number,
): Promise<DatastoreMetrics> {
  const what = `GET /metrics at ${address.host}:${address.port}`;
  // One signal for connecting and for the answer; it does not keep the process alive.
  const late = AbortSignal.timeout(deadlineMs);
  const socket = await connect({ kind: "tcp", ...address }, deadlineMs).catch((error: unknown) => {
    const cause = toTapError(error, what);
    if (cause.reason !== "connection-refused") throw cause;
    throw new TapError("not-configured", `${what}: nobody listens there, so --metrics is off`, { cause: error });
  });
  try {
    if (late.aborted) throw new TapError("deadline", `${what}: no answer within ${deadlineMs} ms`);
    const metrics = parseDatastoreMetrics(await getText(socket, address, late, what));
    if (metrics !== null) return metrics;
    throw new TapError("not-configured", `${what}: answers without k8s-dqlite's counters`);
  } catch (error) {
    if (late.aborted) throw new TapError("deadline", `${what}: no answer within ${deadlineMs} ms`, { cause: error });
    throw toTapError(error, what);
  } finally {
    socket.destroy();
  }
}

async function getText(
  socket: Duplex,
  address: { readonly host: string; readonly port: number },
  signal: AbortSignal,
  what: string,
): Promise<string> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const options = { ...address, path: "/metrics", signal, createConnection: () => socket };
    http
      .get({ ...options, headers: { host: `${address.host}:${address.port}`, connection: "close" } }, resolve)
      .on("error", reject);
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > METRICS_BYTES_MAX) throw new TapError("protocol", `${what}: more than ${METRICS_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (response.statusCode === 200) return text;
  throw new TapError("server-error", `${what}: HTTP ${response.statusCode}`);
}
