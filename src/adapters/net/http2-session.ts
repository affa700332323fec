import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { Clock } from "../../ports/clock.ts";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "./connection-errors.ts";
import type { TlsIdentity } from "./http2-tls.ts";
import { openTls } from "./http2-tls.ts";
import { withDeadline } from "./with-deadline.ts";

/**
 * Bounds connecting, the TLS handshake and the peer's first SETTINGS together. Ten seconds let a slow ssh forward
 * through; a caller with a shorter deadline is answered earlier anyway.
 */
export const CONNECT_DEADLINE_MS = 10_000;

/**
 * How often an open session is asked for a sign of life, and how long it may take. Etcd and k8s-dqlite end sessions
 * that ping more often than every 5 s (grpc-go keepalive MinTime, etcd's default), so 10 s; without it a watch on a
 * dead connection would stay open for ever. A paused peer is noticed after at most 15 s.
 */
export const KEEPALIVE_INTERVAL_MS = 10_000;
export const KEEPALIVE_DEADLINE_MS = 5_000;

export interface SessionOptions {
  /** Opens the raw connection: TCP, unix socket or one forwarded by ssh. May throw TapError or a system error. */
  readonly connect: () => Promise<Duplex>;
  /** Null speaks HTTP/2 without TLS (prior knowledge), as etcd does on a unix socket. */
  readonly tls: TlsIdentity | null;
  /** The peer as people know it, for messages and the `:authority` header, for example `10.0.0.1:16443`. */
  readonly authority: string;
  readonly clock: Clock;
}

export interface Session {
  readonly http2: http2.ClientHttp2Session;
  /** True when the session was open before this request: it may have died unnoticed. */
  readonly reused: boolean;
}

/** One HTTP/2 session to one peer, opened at first use and again after it has ended. */
export interface SessionPool {
  readonly authority: string;
  /** Throws TapError when no session can be had. Bounded by CONNECT_DEADLINE_MS. */
  acquire(): Promise<Session>;
  /** Ends the session and every request on it. */
  close(): void;
}

export function createSessionPool(options: SessionOptions): SessionPool {
  const what = `connection to ${options.authority}`;
  const stop = new AbortController();
  let current: http2.ClientHttp2Session | undefined;
  let opening: Promise<http2.ClientHttp2Session> | undefined;

  async function open(): Promise<http2.ClientHttp2Session> {
    const deadline = { clock: options.clock, deadlineMs: CONNECT_DEADLINE_MS, what };
    const session = await withDeadline(deadline, (signal) => openSession(options, what, signal));
    if (stop.signal.aborted) {
      session.destroy();
      throw closedHere(what);
    }
    current = session;
    void keepAlive(session, options.clock, what);
    return session;
  }

  return {
    authority: options.authority,
    async acquire() {
      if (stop.signal.aborted) throw closedHere(what);
      if (current !== undefined && !current.closed && !current.destroyed) return { http2: current, reused: true };
      opening ??= open().finally(() => {
        opening = undefined;
      });
      return { http2: await opening, reused: false };
    },
    close() {
      stop.abort();
      current?.destroy(closedHere(what));
    },
  };
}

function closedHere(what: string): TapError {
  return new TapError("unreachable", `${what}: closed by this side`);
}

/** Connects and waits for the peer's SETTINGS, the first thing that only HTTP/2 sends. */
async function openSession(
  options: SessionOptions,
  what: string,
  signal: AbortSignal,
): Promise<http2.ClientHttp2Session> {
  const raw = await options.connect().catch((error: unknown) => {
    throw toTapError(error, what);
  });
  const giveUp = (): void => void raw.destroy();
  if (signal.aborted) {
    giveUp();
    throw new TapError("deadline", `${what}: connected too late`);
  }
  signal.addEventListener("abort", giveUp);
  try {
    const socket = options.tls === null ? raw : await openTls(raw, options.tls, what);
    return await startSession(socket, options.tls === null ? "http" : "https", what);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function startSession(socket: Duplex, scheme: "http" | "https", what: string): Promise<http2.ClientHttp2Session> {
  // The URL only names the scheme: the connection is there already, and every request sends its own :authority.
  const session = http2.connect(`${scheme}://localhost`, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  await new Promise<void>((resolve, reject) => {
    session.once("remoteSettings", () => resolve());
    // Stays for the session's life: without a listener a broken connection would end the process.
    session.on("error", (error) => reject(toTapError(error, what)));
    session.once("close", () => reject(new TapError("protocol", `${what}: closed before it spoke HTTP/2`)));
    // A TLS alert after the handshake (a client certificate that is missing or refused, in TLS 1.3) leaves Node's
    // session waiting for a close that need not come.
    socket.on("error", (error) => {
      reject(toTapError(error, what));
      socket.destroy();
    });
    if (socket.destroyed) reject(new TapError("protocol", `${what}: closed right after the TLS handshake`));
  });
  return session;
}

/** HTTP/2 PING round trip in ms. Throws TapError `deadline` or `protocol`. */
export async function pingSession(
  session: http2.ClientHttp2Session,
  deadline: { readonly clock: Clock; readonly deadlineMs: number; readonly what: string },
): Promise<number> {
  const startedMs = deadline.clock.monotonicMs();
  await withDeadline(deadline, () => sendPing(session, deadline.what));
  return deadline.clock.monotonicMs() - startedMs;
}

function sendPing(session: http2.ClientHttp2Session, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDone = (error: Error | null): void =>
      error === null ? resolve() : reject(new TapError("protocol", `${what}: the connection ended during a PING`));
    if (session.destroyed || !session.ping(onDone)) reject(new TapError("protocol", `${what}: cannot send a PING`));
  });
}

/** Pings until the session ends; destroys it when an answer stays out, so that its streams end with a reason. */
async function keepAlive(session: http2.ClientHttp2Session, clock: Clock, what: string): Promise<void> {
  const ended = new AbortController();
  session.once("close", () => ended.abort());
  for (;;) {
    await clock.sleep(KEEPALIVE_INTERVAL_MS, ended.signal);
    if (ended.signal.aborted || session.destroyed) return;
    try {
      await pingSession(session, { clock, deadlineMs: KEEPALIVE_DEADLINE_MS, what: `${what}: HTTP/2 PING` });
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      session.destroy(error);
    }
  }
}
