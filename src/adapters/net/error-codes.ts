import type { UnknownReason } from "../../core/model/observed.ts";

/** Node's and the system's error codes that tell one reason from another. Source: errno(3), Node's `errors` page. */
const REASON_BY_CODE: ReadonlyMap<string, UnknownReason> = new Map([
  ["ECONNREFUSED", "connection-refused"],
  ["ENOENT", "not-found"],
  ["ENOTSOCK", "not-found"],
  ["EACCES", "permission-denied"],
  ["EPERM", "permission-denied"],
  ["EHOSTUNREACH", "unreachable"],
  ["EHOSTDOWN", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["EADDRNOTAVAIL", "unreachable"],
  ["ENOTFOUND", "unreachable"],
  ["EAI_AGAIN", "unreachable"],
  ["ETIMEDOUT", "unreachable"],
  ["ECONNRESET", "protocol"],
  ["ECONNABORTED", "protocol"],
  ["EPIPE", "protocol"],
  ["ERR_STREAM_PREMATURE_CLOSE", "protocol"],
  ["ERR_STREAM_DESTROYED", "protocol"],
  // A two-way stream made of a program's pipes (node/relay.ts) that was destroyed: Node's word for it.
  ["ABORT_ERR", "protocol"],
]);

/** TLS records that are not TLS at all: the peer speaks plain text or another protocol. */
const NOT_TLS =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL)$/;

/** Node hands on OpenSSL's X509_V_ERR_* names without their prefix. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_|HOSTNAME_|INVALID_CA|INVALID_PURPOSE|PATH_)/;

/** The server's certificate leads to no authority that we were given. */
const NOT_SIGNED_BY_CA = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** Node's `code` of a system, TLS, HTTP or stream error; empty when there is none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** Why a connection brought no answer, by its error code; null for a code that is none of a connection. */
export function reasonOfCode(code: string): UnknownReason | null {
  const reason = REASON_BY_CODE.get(code);
  if (reason !== undefined) return reason;
  if (code.startsWith("ERR_HTTP2_") || code.startsWith("HPE_") || isNotTls(code)) return "protocol";
  return TLS_CODE.test(code) ? "tls" : null;
}

/** Whether the peer answered TLS with something that is no TLS. */
export function isNotTls(code: string): boolean {
  return NOT_TLS.test(code);
}

/** Whether the server's certificate is of an authority that we do not know; Node's text advises the system's CAs. */
export function isUnknownAuthority(code: string): boolean {
  return NOT_SIGNED_BY_CA.has(code);
}
