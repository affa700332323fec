import { TapError } from "../../ports/tap-error.ts";
import type { UnknownReason } from "../../core/model/observed.ts";

const REASONS: Readonly<Record<string, UnknownReason>> = {
  ECONNREFUSED: "connection-refused",
  ENOENT: "not-found",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  ETIMEDOUT: "unreachable",
  // Plain text where a TLS record should be.
  ERR_SSL_WRONG_VERSION_NUMBER: "protocol",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "protocol",
  ERR_SSL_HTTP_REQUEST: "protocol",
};

/** OpenSSL's verification results and Node's TLS errors; everything else of a broken stream is `protocol`. */
const TLS_CODE =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_|PATH_)/;

/** Longest foreign message that is shown, so that a finding stays one line. */
const MESSAGE_CHARS_MAX = 200;

/** What happened to a stream, as a TapError: `peer: what (CODE)`. System messages hold addresses and paths, no secrets. */
export function streamError(error: unknown, peer: string, during: string): TapError {
  if (error instanceof TapError) return error;
  const code = errorCode(error);
  const reason = REASONS[code] ?? (TLS_CODE.test(code) ? "tls" : "protocol");
  return new TapError(reason, `${peer}: ${during}: ${explain(code, error)}`, { cause: error });
}

/** Node's `code` of a system, TLS or stream error; empty when there is none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** Node's own words for these run over lines, name OpenSSL's source files, or advise something wrong here. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nobody listens there",
  ECONNRESET: "the other side broke off",
  EPIPE: "the other side broke off",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not the cluster's",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not the cluster's",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not the cluster's",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key does not belong to the certificate",
};

function explain(code: string, error: unknown): string {
  const words = WORDS[code];
  if (words !== undefined) return `${words} (${code})`;
  if (REASONS[code] === "protocol") return `the other side does not speak TLS (${code})`;
  const line = messageOf(error)
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, MESSAGE_CHARS_MAX);
  return code === "" || line.includes(code) ? line : `${line} (${code})`;
}

/** OpenSSL's `reason` is the readable part of its message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
}
