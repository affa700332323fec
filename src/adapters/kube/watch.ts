import * as http2 from "node:http2";
import type { Clock } from "../../ports/clock.ts";
import type { KubeWatchHandlers } from "../../ports/kube-api.ts";
import { field, messageOf, textField } from "../../ports/kube-body.ts";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "../net/connection-errors.ts";
import { startStream } from "../net/http2-exchange.ts";
import type { SessionPool } from "../net/http2-session.ts";
import { withDeadline } from "../net/with-deadline.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { refusalOf } from "./response.ts";

export interface WatchOptions {
  readonly pool: SessionPool;
  readonly clock: Clock;
  readonly headers: http2.OutgoingHttpHeaders;
  readonly what: string;
  /** Bounds the wait for the response's header, connecting included. */
  readonly openDeadlineMs: number;
}

/**
 * One watch event is one line. Etcd's default limit for a request is 1.5 MiB, and JSON with managed fields can be a
 * few times the stored protobuf; a line beyond this is not Kubernetes.
 */
export const WATCH_LINE_BYTES_MAX = 8 * 1024 * 1024;

/** The body of a refused watch is a short Status object. */
const ERROR_BODY_BYTES_MAX = 64 * 1024;

/**
 * Opens a watch; returns the function that ends it. `onEnd` comes exactly once, also when this side ends it. Every
 * line is `{"type":…,"object":…}` (Kubernetes API concepts, "Efficient detection of changes").
 */
export function openWatch(options: WatchOptions, handlers: KubeWatchHandlers): () => void {
  const stop = new AbortController();
  let ended = false;

  function end(reason: string): void {
    if (ended) return;
    ended = true;
    stop.abort();
    handlers.onEnd(reason);
  }

  function deliver(line: Buffer): void {
    if (ended) return;
    const event = parseEvent(line);
    if (event === null) end(`${options.what}: a line that is no watch event`);
    else handlers.onEvent(event.type, event.object);
  }

  async function run(): Promise<void> {
    const deadline = { clock: options.clock, deadlineMs: options.openDeadlineMs, what: options.what };
    const opened = await withDeadline(deadline, (signal) =>
      openStream(options, AbortSignal.any([signal, stop.signal])),
    );
    if (ended) return opened.stream.close(http2.constants.NGHTTP2_CANCEL);
    stop.signal.addEventListener("abort", () => opened.stream.close(http2.constants.NGHTTP2_CANCEL));
    if (opened.status === 200) await readLines(opened.stream, deliver, options.what);
    else end(await withDeadline(deadline, () => describeRefusal(opened, options.what)));
  }

  run().then(
    () => end(`${options.what}: ended by the apiserver`),
    (error: unknown) => {
      // Anything else is a bug of ours or of a handler: it ends the process as an unhandled rejection.
      if (!(error instanceof TapError)) throw error;
      end(error.message);
    },
  );
  return () => end("closed by this side");
}

interface OpenedStream {
  readonly stream: http2.ClientHttp2Stream;
  readonly status: number;
}

async function openStream(options: WatchOptions, signal: AbortSignal): Promise<OpenedStream> {
  const session = await options.pool.acquire();
  if (signal.aborted) throw new TapError("deadline", `${options.what}: not sent, ended before`);
  const stream = startStream(session.http2, options.headers, { hasBody: false, what: options.what });
  const cancel = (): void => stream.close(http2.constants.NGHTTP2_CANCEL);
  signal.addEventListener("abort", cancel);
  try {
    return await new Promise<OpenedStream>((resolve, reject) => {
      stream.once("response", (headers) => resolve({ stream, status: Number(headers[":status"]) }));
      // Stays for the stream's life: without a listener a broken connection would end the process.
      stream.on("error", (error) => reject(toTapError(error, options.what)));
      stream.once("close", () => reject(new TapError("protocol", `${options.what}: closed without an answer`)));
    });
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Feeds lines to `onLine` until the stream ends well; throws TapError when it ends otherwise. */
function readLines(stream: http2.ClientHttp2Stream, onLine: (line: Buffer) => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const brokeOff = (): void =>
      reject(new TapError("protocol", `${what}: the connection broke off (stream code ${stream.rstCode})`));
    // It may have died between its header and now, and then says nothing more.
    if (stream.destroyed) return brokeOff();
    const push = createLineSplitter(WATCH_LINE_BYTES_MAX, onLine);
    stream.on("data", (chunk: Buffer) => {
      if (push(chunk)) return;
      reject(new TapError("protocol", `${what}: a line of more than ${WATCH_LINE_BYTES_MAX} bytes`));
      stream.close(http2.constants.NGHTTP2_CANCEL);
    });
    stream.on("error", (error) => reject(toTapError(error, what)));
    stream.on("close", () => {
      if (stream.readableEnded && !stream.aborted && stream.rstCode === 0) resolve();
      else brokeOff();
    });
  });
}

async function describeRefusal(opened: OpenedStream, what: string): Promise<string> {
  const text = await readText(opened.stream).catch(() => "(its explanation broke off)");
  const body = parseJson(text) ?? text;
  return `${what}: ${refusalOf(opened.status, body) ?? `${opened.status} ${messageOf(body)}`}`;
}

async function readText(stream: http2.ClientHttp2Stream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ERROR_BODY_BYTES_MAX) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseEvent(line: Buffer): { readonly type: string; readonly object: unknown } | null {
  const event = parseJson(line.toString("utf8"));
  const type = textField(event, "type");
  return type === undefined ? null : { type, object: field(event, "object") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
