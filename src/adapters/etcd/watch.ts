import * as http2 from "node:http2";
import type { Clock } from "../../ports/clock.ts";
import type { EtcdWatch, EtcdWatchHandlers } from "../../ports/etcd-api.ts";
import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "../net/connection-errors.ts";
import { startStream } from "../net/http2-exchange.ts";
import type { SessionPool } from "../net/http2-session.ts";
import { withDeadline } from "../net/with-deadline.ts";
import { createFrameSplitter, encodeFrame } from "./grpc-frames.ts";
import { grpcFailure, notGrpcFailure } from "./grpc-status.ts";
import type { WatchResponse } from "./messages.ts";
import { decodeWatchResponse, encodeWatchCreate, encodeWatchProgress, prefixRangeEnd } from "./messages.ts";

export interface EtcdWatchOptions {
  readonly pool: SessionPool;
  readonly clock: Clock;
  readonly headers: http2.OutgoingHttpHeaders;
  readonly prefix: string;
  readonly what: string;
  /** Bounds the wait for the server's confirmation, connecting included. */
  readonly openDeadlineMs: number;
}

/**
 * One Watch stream with one watch on `prefix` from now on. Handlers are called in the order of the wire; `onEnd`
 * exactly once and last, also when this side closes it. The stream dies with its session (keepalive in the pool).
 */
export function openEtcdWatch(options: EtcdWatchOptions, handlers: EtcdWatchHandlers): EtcdWatch {
  const confirmed = Promise.withResolvers<void>();
  let stream: http2.ClientHttp2Stream | undefined;
  let ended = false;

  function end({ reason, message }: TapError): void {
    if (ended) return;
    ended = true;
    confirmed.resolve();
    stream?.close(http2.constants.NGHTTP2_CANCEL);
    handlers.onEnd(reason, message);
  }

  function fail(error: unknown): void {
    end(toTapError(error, options.what));
  }

  function deliver(message: Buffer): void {
    if (ended) return;
    const response = decodeWatchResponse(message);
    if (response.canceled)
      return end(new TapError("server-error", `${options.what}: canceled by the server: ${cancelText(response)}`));
    if (response.created) {
      confirmed.resolve();
      handlers.onCreated(response.headerRevision);
    }
    if (response.eventsRevision !== null) handlers.onEvents(response.eventsRevision);
    else if (!response.created) handlers.onProgress(response.headerRevision);
  }

  async function open(): Promise<void> {
    const deadline = { clock: options.clock, deadlineMs: options.openDeadlineMs, what: options.what };
    await withDeadline(deadline, async (signal) => {
      const session = await options.pool.acquire();
      if (ended || signal.aborted) return;
      stream = startStream(session.http2, options.headers, { hasBody: true, what: options.what });
      listen(stream, { what: options.what, onMessage: deliver, onFailure: fail });
      stream.write(encodeFrame(encodeWatchCreate(options.prefix, prefixRangeEnd(options.prefix))));
      await confirmed.promise;
    });
  }

  open().catch(fail);
  return {
    requestProgress() {
      if (!ended && stream?.writable === true) stream.write(encodeFrame(encodeWatchProgress()));
    },
    close: () => end(new TapError("not-read-yet", `${options.what}: closed by this side`)),
  };
}

interface Listener {
  readonly what: string;
  onMessage(message: Buffer): void;
  /** The stream has ended, whatever the reason. */
  onFailure(error: unknown): void;
}

function listen(stream: http2.ClientHttp2Stream, listener: Listener): void {
  const { what } = listener;
  const split = createFrameSplitter((message) => listener.onMessage(message));
  let headers: http2.IncomingHttpHeaders = {};
  let trailers: http2.IncomingHttpHeaders = {};
  stream.on("response", (received) => {
    headers = received;
    const notGrpc = notGrpcFailure(received, what);
    if (notGrpc !== null) listener.onFailure(notGrpc);
  });
  stream.on("trailers", (received) => {
    trailers = received;
  });
  stream.on("data", (chunk: Buffer) => {
    try {
      split(chunk);
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      listener.onFailure(new TapError(error.reason, `${what}: ${error.message}`));
    }
  });
  // The server has said all it will: this half must be ended too, or the stream stays.
  stream.on("end", () => stream.end());
  stream.on("error", (error) => listener.onFailure(error));
  stream.on("close", () => {
    // A server that ends a stream says so in trailers; a killed one, or a cut connection, says nothing.
    if (headers["grpc-status"] === undefined && trailers["grpc-status"] === undefined)
      return listener.onFailure(
        new TapError("protocol", `${what}: broke off (the server died or the connection was cut)`),
      );
    listener.onFailure(
      grpcFailure(headers, trailers, what) ?? new TapError("protocol", `${what}: ended by the server`),
    );
  });
}

function cancelText(response: WatchResponse): string {
  if (response.cancelReason !== "") return oneLine(response.cancelReason);
  if (response.compactRevision > 0) return `revisions up to ${response.compactRevision} have been compacted`;
  return "no reason given";
}
