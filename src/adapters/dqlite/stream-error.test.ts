import { expect, test } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { streamError } from "./stream-error.ts";

function systemError(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code }, more);
}

test.each([
  ["ECONNREFUSED", "connect ECONNREFUSED 198.51.100.11:19001", "connection-refused"],
  ["ENOENT", "connect ENOENT /run/x", "not-found"],
  ["EACCES", "connect EACCES /run/x", "permission-denied"],
  ["EHOSTUNREACH", "connect EHOSTUNREACH 198.51.100.11:19001", "unreachable"],
  ["ETIMEDOUT", "connect ETIMEDOUT 198.51.100.11:19001", "unreachable"],
  ["ENOTFOUND", "getaddrinfo ENOTFOUND k8s01", "unreachable"],
  ["ECONNRESET", "read ECONNRESET", "protocol"],
  ["EPIPE", "write EPIPE", "protocol"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number", "protocol"],
  ["CERT_HAS_EXPIRED", "certificate has expired", "tls"],
  ["CERT_NOT_YET_VALID", "certificate is not yet valid", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames", "tls"],
] as const)("%s is %s: %s", (code, message, reason) => {
  const error = streamError(systemError(code, message), "n1:19001", "connecting");
  expect(error.reason).toBe(reason);
  expect(error.message).toMatch(/^n1:19001: connecting: [\x20-\x7e]+$/);
  expect(error.message).toContain(code);
});

test("an alert of a server that does not accept our certificate (as openssl s_server sends it) is tls, in OpenSSL's short words", () => {
  const message =
    "4077A2:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../record/rec_layer_s3.c:918:\n";
  const error = systemError("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", message, { reason: "tlsv1 alert unknown ca" });
  expect(streamError(error, "n1", "leader request")).toMatchObject({
    reason: "tls",
    message: "n1: leader request: tlsv1 alert unknown ca (ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)",
  });
});

test("a TapError stays what it is", () => {
  const error = new TapError("unreachable", "ssh failed");
  expect(streamError(error, "n1", "x")).toBe(error);
});

test("an error without a code is protocol, in one line of bounded length", () => {
  const error = streamError(new Error(`a\nb\u001b[2J${"x".repeat(999)}`), "n1", "leader request");
  expect(error.reason).toBe("protocol");
  expect(error.message).toMatch(/^n1: leader request: a b [\x20-\x7e]{150,300}…$/);
});
