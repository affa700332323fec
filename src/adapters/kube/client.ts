import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { Clock } from "../../ports/clock.ts";
import type { KubeApi, KubeRequest, KubeResponse } from "../../ports/kube-api.ts";
import { resourceVersionOf } from "../../ports/kube-body.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { exchange } from "../net/http2-exchange.ts";
import type { SessionPool } from "../net/http2-session.ts";
import { createSessionPool, pingSession } from "../net/http2-session.ts";
import { withDeadline } from "../net/with-deadline.ts";
import type { KubeCredentials } from "./credentials.ts";
import { dateOf, decodeBody, refusalOf } from "./response.ts";
import { openWatch } from "./watch.ts";

export interface KubeApiOptions {
  /** `https://HOST:PORT`; where the bytes go is `connect`'s business. */
  readonly server: URL;
  readonly credentials: KubeCredentials;
  /** Opens a raw connection to the apiserver (TCP, or forwarded by ssh); TLS is made on top of it here. */
  readonly connect: () => Promise<Duplex>;
  readonly clock: Clock;
}

/** No LIST of ours comes near it; an apiserver's `/readyz?verbose` has some 5 KB. It bounds what a stranger can send. */
export const RESPONSE_BYTES_MAX = 8 * 1024 * 1024;

/** Bounds the wait for a watch's first response header; an apiserver sends it at once. */
export const WATCH_OPEN_DEADLINE_MS = 10_000;

const USER_AGENT = "quorate";

/**
 * A client of one apiserver over one HTTP/2 session, opened at first use and again after GOAWAY or a broken
 * connection. Source of the protocol: the Kubernetes API concepts page, RFC 9113. `close` it, or the process stays.
 */
export function createKubeApi(options: KubeApiOptions): KubeApi {
  const { credentials, clock } = options;
  if (options.server.protocol !== "https:")
    throw new TypeError(`the server's URL must be https, not ${options.server.protocol}`);
  const pool = createSessionPool({
    connect: options.connect,
    tls: { ...credentials, serverName: credentials.serverName ?? hostOf(options.server) },
    authority: options.server.host,
    clock,
  });
  const basePath = options.server.pathname.replace(/\/+$/, "");

  return {
    request: (request) => toReading(send(request)),
    watch(path, query, handlers) {
      const what = `WATCH ${path} at ${pool.authority}`;
      const headers = headersFor("GET", path, { ...query, watch: "true" });
      return openWatch({ pool, clock, headers, what, openDeadlineMs: WATCH_OPEN_DEADLINE_MS }, handlers);
    },
    ping: (deadlineMs) => toReading(ping(pool, clock, deadlineMs)),
    close: () => pool.close(),
  };

  async function send(request: KubeRequest): Promise<KubeResponse> {
    const what = `${request.method} ${request.path} at ${pool.authority}`;
    const body = request.body === undefined ? null : Buffer.from(JSON.stringify(request.body));
    const headers = headersFor(request.method, request.path, request.query ?? {});
    if (body !== null) headers["content-type"] = request.contentType ?? "application/json";
    const answer = await exchange(pool, clock, {
      headers,
      body,
      bytesMax: RESPONSE_BYTES_MAX,
      deadlineMs: request.deadlineMs,
      idempotent: request.method === "GET",
      what,
    });
    const parsed = decodeBody(answer.headers["content-type"], answer.body, what);
    const refusal = refusalOf(answer.status, parsed);
    if (refusal !== null) throw new TapError("permission-denied", `${what}: ${refusal}`);
    const resourceVersion = resourceVersionOf(parsed);
    const serverDateMs = dateOf(answer.headers.date);
    return { status: answer.status, latencyMs: answer.latencyMs, resourceVersion, serverDateMs, body: parsed };
  }

  function headersFor(
    method: string,
    path: string,
    query: Readonly<Record<string, string>>,
  ): http2.OutgoingHttpHeaders {
    const search = new URLSearchParams(query).toString();
    return {
      ":method": method,
      ":scheme": "https",
      ":authority": pool.authority,
      ":path": `${basePath}${path}${search === "" ? "" : `?${search}`}`,
      accept: "application/json",
      "user-agent": USER_AGENT,
      ...(credentials.authorization === null ? {} : { authorization: credentials.authorization }),
      // Keeps the secret out of the header compression table (RFC 7541, 7.1.3).
      [http2.sensitiveHeaders]: ["authorization"],
    };
  }
}

async function ping(pool: SessionPool, clock: Clock, deadlineMs: number): Promise<number> {
  const what = `HTTP/2 PING to ${pool.authority}`;
  return withDeadline({ clock, deadlineMs, what }, async () => {
    const session = await pool.acquire();
    return pingSession(session.http2, { clock, deadlineMs, what });
  });
}

/** The URL's host without port and without the brackets of an IPv6 address. */
function hostOf(server: URL): string {
  return server.hostname.replace(/^\[|\]$/g, "");
}
