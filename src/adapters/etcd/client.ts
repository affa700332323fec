import type * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { RevisionRead } from "../../core/model/observation.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EtcdApi } from "../../ports/etcd-api.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { exchange } from "../net/http2-exchange.ts";
import { createSessionPool } from "../net/http2-session.ts";
import type { TlsIdentity } from "../net/http2-tls.ts";
import { createFrameSplitter, encodeFrame } from "./grpc-frames.ts";
import { grpcFailure } from "./grpc-status.ts";
import { decodeRangeRevision, encodeRangeRequest } from "./messages.ts";
import { openEtcdWatch } from "./watch.ts";

export interface EtcdApiOptions {
  /** Opens a raw connection: unix socket (kine.sock), TCP, or one forwarded by ssh. */
  readonly connect: () => Promise<Duplex>;
  /** Absent on kine.sock and plain TCP; an etcd of kubeadm, RKE2 or k3s wants a client certificate. */
  readonly tls?: TlsIdentity;
  /** The endpoint as people know it, for messages and `:authority`, for example `kine.sock:12379`. */
  readonly authority: string;
  readonly clock: Clock;
}

/**
 * The key that the apiserver's own health check asks for (apiserver storagebackend/factory/etcd3.go): small, and
 * cheap on every backend; it need not exist.
 */
export const HEALTH_KEY = "/registry/health";

/** One key's Range answer is some 100 bytes. */
const RANGE_ANSWER_BYTES_MAX = 64 * 1024;

/** Bounds connecting and the server's confirmation of a watch; etcd and k8s-dqlite confirm at once. */
export const ETCD_WATCH_OPEN_DEADLINE_MS = 10_000;

/**
 * A read-only etcd v3 client: gRPC framed by hand on one HTTP/2 session, as unary Range and Watch need no more
 * (grpc/doc/PROTOCOL-HTTP2.md). Works with k8s-dqlite, kine and etcd. `close` it, or the process stays.
 */
export function createEtcdApi(options: EtcdApiOptions): EtcdApi {
  const { clock } = options;
  const tls = options.tls ?? null;
  const pool = createSessionPool({ connect: options.connect, tls, authority: options.authority, clock });

  function headersFor(path: string): http2.OutgoingHttpHeaders {
    return {
      ":method": "POST",
      ":scheme": tls === null ? "http" : "https",
      // A unix socket has no host name; etcd's own client says `localhost` there. TLS servers may look at it.
      ":authority": tls === null ? "localhost" : options.authority,
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "quorate",
    };
  }

  async function readRevision(deadlineMs: number): Promise<RevisionRead> {
    const what = `Range ${HEALTH_KEY} at ${options.authority}`;
    const answer = await exchange(pool, clock, {
      headers: headersFor("/etcdserverpb.KV/Range"),
      body: encodeFrame(encodeRangeRequest(HEALTH_KEY)),
      bytesMax: RANGE_ANSWER_BYTES_MAX,
      deadlineMs,
      idempotent: true,
      what,
    });
    const failure = grpcFailure(answer.headers, answer.trailers, what);
    if (failure !== null) throw failure;
    return { revision: decodeRangeRevision(onlyMessage(answer.body, what)), latencyMs: answer.latencyMs };
  }

  return {
    readRevision: (deadlineMs) => toReading(readRevision(deadlineMs)),
    watchPrefix(prefix, handlers) {
      const what = `etcd Watch ${prefix} at ${options.authority}`;
      const headers = headersFor("/etcdserverpb.Watch/Watch");
      return openEtcdWatch(
        { pool, clock, headers, prefix, what, openDeadlineMs: ETCD_WATCH_OPEN_DEADLINE_MS },
        handlers,
      );
    },
    close: () => pool.close(),
  };
}

/** The one message of a unary answer. */
function onlyMessage(body: Buffer, what: string): Buffer {
  const messages: Buffer[] = [];
  const waitingBytes = createFrameSplitter((message) => messages.push(message))(body);
  const [message] = messages;
  if (message !== undefined && messages.length === 1 && waitingBytes === 0) return message;
  throw new TapError("protocol", `${what}: ${messages.length} messages and ${waitingBytes} more bytes instead of one`);
}
