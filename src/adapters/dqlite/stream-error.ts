import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";
import { errorCode, isNotTls, isUnknownAuthority, reasonOfCode } from "../net/error-codes.ts";

/** What happened to a stream, as a TapError: `peer: what (CODE)`. System messages hold addresses and paths, no secrets. */
export function streamError(error: unknown, peer: string, during: string): TapError {
  if (error instanceof TapError) return error;
  const code = errorCode(error);
  const reason = reasonOfCode(code) ?? "protocol";
  return new TapError(reason, `${peer}: ${during}: ${explain(code, error)}`, { cause: error });
}

/** Node's own words for these run over lines, name OpenSSL's source files, or advise something wrong here. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nobody listens there",
  ECONNRESET: "the other side broke off",
  EPIPE: "the other side broke off",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key does not belong to the certificate",
};

function explain(code: string, error: unknown): string {
  const words = WORDS[code];
  if (words !== undefined) return `${words} (${code})`;
  if (isUnknownAuthority(code)) return `the server's certificate is not the cluster's (${code})`;
  if (isNotTls(code)) return `the other side does not speak TLS (${code})`;
  const line = oneLine(messageOf(error));
  return code === "" || line.includes(code) ? line : `${line} (${code})`;
}

/** OpenSSL's `reason` is the readable part of its message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
}
