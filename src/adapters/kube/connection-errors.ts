import type { UnknownReason } from "../../core/model/observed.ts";
import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";

/** Node's and the system's error codes that tell one reason from another. Source: errno(3), Node's `errors` page. */
const REASON_BY_CODE: Readonly<Record<string, UnknownReason>> = {
  ECONNREFUSED: "connection-refused",
  ENOENT: "not-found",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  ETIMEDOUT: "unreachable",
  ECONNRESET: "protocol",
  ECONNABORTED: "protocol",
  EPIPE: "protocol",
  ERR_STREAM_PREMATURE_CLOSE: "protocol",
  ERR_STREAM_DESTROYED: "protocol",
  // A two-way stream made of a program's pipes (node/relay.ts) that was destroyed: Node's word for it.
  ABORT_ERR: "protocol",
};

/** TLS records that are not TLS at all: the peer speaks plain text or another protocol. */
const NOT_TLS =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL)$/;

/** Node hands on OpenSSL's X509_V_ERR_* names without their prefix. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;

/** Node's text for these advises to trust the system's CAs; a cluster has its own. */
const NOT_SIGNED_BY_CA = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
]);

/** The machine word of an error, or null for an error that does not come from the system, TLS or HTTP/2. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

function reasonOf(code: string): UnknownReason | null {
  const reason = REASON_BY_CODE[code];
  if (reason !== undefined) return reason;
  if (code.startsWith("ERR_HTTP2_") || code.startsWith("HPE_") || NOT_TLS.test(code)) return "protocol";
  return TLS_CODE.test(code) ? "tls" : null;
}

/**
 * An error of a socket, of TLS or of HTTP/2 as the reason it stands for. Rethrows what is none of these (a bug).
 * `what` begins the message: what was asked, of whom.
 */
export function toTapError(error: unknown, what: string): TapError {
  if (error instanceof TapError) return error;
  const code = codeOf(error);
  const reason = code === null ? null : reasonOf(code);
  if (reason === null || code === null) throw error;
  const message = NOT_SIGNED_BY_CA.has(code)
    ? "the server's certificate is not signed by the given CA"
    : oneLine((error as Error).message);
  return new TapError(reason, `${what}: ${message} (${code})`, { cause: error });
}
