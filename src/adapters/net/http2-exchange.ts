import * as http2 from "node:http2";
import type { UnknownReason } from "../../core/model/observed.ts";
import type { Clock } from "../../ports/clock.ts";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "./connection-errors.ts";
import type { SessionPool } from "./http2-session.ts";
import { withDeadline } from "./with-deadline.ts";

export interface ExchangeRequest {
  readonly headers: http2.OutgoingHttpHeaders;
  /** Sent as the whole body; null for none. */
  readonly body: Buffer | null;
  /** The answer's body may not be larger. */
  readonly bytesMax: number;
  readonly deadlineMs: number;
  /** True when asking twice is the same as asking once: then a session that died unnoticed may be replaced. */
  readonly idempotent: boolean;
  /** What is asked, of whom, for messages. */
  readonly what: string;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly trailers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the first byte sent to the last byte read. */
  readonly latencyMs: number;
}

/** How far a request came that got no complete answer. */
type Progress = "unsent" | "unanswered" | "answered-in-part";

/** A failed exchange; `progress` decides whether it may be tried again. */
class ExchangeError extends TapError {
  readonly progress: Progress;

  constructor(reason: UnknownReason, message: string, progress: Progress, options?: ErrorOptions) {
    super(reason, message, options);
    this.progress = progress;
  }
}

/**
 * One request and its whole answer within the deadline. A request that provably was not sent, or an idempotent one
 * that died unanswered on a session opened earlier, is tried once more on a new session. Throws TapError.
 */
export async function exchange(pool: SessionPool, clock: Clock, request: ExchangeRequest): Promise<ExchangeAnswer> {
  return withDeadline({ clock, deadlineMs: request.deadlineMs, what: request.what }, async (signal) => {
    const first = await pool.acquire();
    try {
      return await exchangeOnce(first.http2, clock, request, signal);
    } catch (error) {
      if (signal.aborted || !mayTryAgain(error, request.idempotent && first.reused)) throw error;
    }
    const second = await pool.acquire();
    return exchangeOnce(second.http2, clock, request, signal);
  });
}

function mayTryAgain(error: unknown, deathMayBeOld: boolean): boolean {
  if (!(error instanceof ExchangeError)) return false;
  return error.progress === "unsent" || (error.progress === "unanswered" && deathMayBeOld);
}

async function exchangeOnce(
  session: http2.ClientHttp2Session,
  clock: Clock,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  // The deadline may have passed while the session was opened: a write must not leave after its caller was told so.
  if (signal.aborted) throw new TapError("deadline", `${request.what}: not sent, the deadline passed before`);
  const startedMs = clock.monotonicMs();
  const stream = startStream(session, request.headers, { hasBody: request.body !== null, what: request.what });
  if (request.body !== null) stream.end(request.body);
  const cancel = (): void => stream.close(http2.constants.NGHTTP2_CANCEL);
  signal.addEventListener("abort", cancel);
  try {
    const answer = await readAnswer(stream, request);
    return { ...answer, latencyMs: clock.monotonicMs() - startedMs };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Opens a stream; this side of it stays open for a body. Throws TapError when the session cannot take it. */
export function startStream(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  options: { readonly hasBody: boolean; readonly what: string },
): http2.ClientHttp2Stream {
  try {
    return session.request(headers, { endStream: !options.hasBody });
  } catch (error) {
    const cause = toTapError(error, options.what);
    throw new ExchangeError(cause.reason, cause.message, "unsent", { cause: error });
  }
}

/** Collects status, headers, body and trailers; resolves when the stream has ended as it should. */
function readAnswer(
  stream: http2.ClientHttp2Stream,
  request: ExchangeRequest,
): Promise<Omit<ExchangeAnswer, "latencyMs">> {
  return new Promise((resolve, reject) => {
    let headers: http2.IncomingHttpHeaders | undefined;
    let trailers: http2.IncomingHttpHeaders = {};
    let failure: Error | undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on("response", (received) => {
      headers = received;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("error", (error) => {
      failure ??= error;
    });
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= request.bytesMax) return void chunks.push(chunk);
      failure ??= new TapError("protocol", `${request.what}: the answer is larger than ${request.bytesMax} bytes`);
      stream.close(http2.constants.NGHTTP2_CANCEL);
    });
    stream.on("close", () => {
      const whole = headers !== undefined && stream.readableEnded && !stream.aborted && stream.rstCode === 0;
      if (failure !== undefined || !whole || headers === undefined) {
        return reject(explainFailure(stream, headers !== undefined, failure, request.what));
      }
      resolve({ status: Number(headers[":status"]), headers, trailers, body: Buffer.concat(chunks) });
    });
  });
}

function explainFailure(
  stream: http2.ClientHttp2Stream,
  answered: boolean,
  failure: Error | undefined,
  what: string,
): ExchangeError {
  // A stream that never got an id was never sent; REFUSED_STREAM says that the peer did nothing (RFC 9113, 8.7).
  const unsent = stream.id === undefined || stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
  const progress = unsent ? "unsent" : answered ? "answered-in-part" : "unanswered";
  if (failure === undefined) {
    return new ExchangeError("protocol", `${what}: the answer broke off (stream code ${stream.rstCode})`, progress);
  }
  const cause = toTapError(failure, what);
  return new ExchangeError(cause.reason, cause.message, progress, { cause: failure });
}
