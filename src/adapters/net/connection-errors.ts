import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";
import { errorCode, isUnknownAuthority, reasonOfCode } from "./error-codes.ts";

/**
 * An error of a socket, of TLS or of HTTP/2 as the reason it stands for. Rethrows what is none of these (a bug).
 * `what` begins the message: what was asked, of whom.
 */
export function toTapError(error: unknown, what: string): TapError {
  if (error instanceof TapError) return error;
  const code = errorCode(error);
  const reason = reasonOfCode(code);
  if (reason === null) throw error;
  const message = isUnknownAuthority(code)
    ? "the server's certificate is not signed by the given CA"
    : oneLine((error as Error).message);
  return new TapError(reason, `${what}: ${message} (${code})`, { cause: error });
}
