import type * as http2 from "node:http2";
import type { UnknownReason } from "../../core/model/observed.ts";
import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";

/** Names of the status codes (grpc/doc/statuscodes.md). */
const STATUS_NAMES = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

/** Statuses that say more than "the server answered with an error". Unimplemented: gRPC, but not an etcd. */
const REASON_BY_NAME: Readonly<Record<string, UnknownReason>> = {
  PermissionDenied: "permission-denied",
  Unauthenticated: "permission-denied",
  Unimplemented: "protocol",
};

/**
 * Null when the headers or trailers say OK; otherwise the failure they tell of. `headers` is what came first: a
 * gRPC server that answers without a message puts the status there ("Trailers-Only").
 */
export function grpcFailure(
  headers: http2.IncomingHttpHeaders,
  trailers: http2.IncomingHttpHeaders,
  what: string,
): TapError | null {
  const notGrpc = notGrpcFailure(headers, what);
  if (notGrpc !== null) return notGrpc;
  const source = headers["grpc-status"] === undefined ? trailers : headers;
  const status = source["grpc-status"];
  if (status === "0") return null;
  if (typeof status !== "string") return new TapError("protocol", `${what}: the answer ended without a grpc-status`);
  const name = STATUS_NAMES[Number(status)] ?? `status ${oneLine(status)}`;
  const message = source["grpc-message"];
  const text = typeof message === "string" ? `: ${oneLine(percentDecode(message))}` : "";
  return new TapError(REASON_BY_NAME[name] ?? "server-error", `${what}: gRPC ${name}${text}`);
}

/** The failure of an answer that is HTTP/2 but not gRPC; null when it is gRPC. */
export function notGrpcFailure(headers: http2.IncomingHttpHeaders, what: string): TapError | null {
  const isGrpc = headers["content-type"]?.startsWith("application/grpc") === true;
  const status = Number(headers[":status"]);
  if (isGrpc && status === 200) return null;
  return new TapError("protocol", `${what}: answers HTTP ${status}, not gRPC`);
}

/** gRPC percent-encodes what is not printable ASCII; a broken encoding is shown as it came. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
