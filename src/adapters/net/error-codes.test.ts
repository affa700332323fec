import { describe, expect, it, test } from "vitest";
import { errorCode, isNotTls, isUnknownAuthority, reasonOfCode } from "./error-codes.ts";

describe("the reason of an error code", () => {
  test.each([
    ["ECONNREFUSED", "connection-refused"],
    ["ENOENT", "not-found"],
    ["ENOTSOCK", "not-found"],
    ["EACCES", "permission-denied"],
    ["EPERM", "permission-denied"],
    ["EHOSTUNREACH", "unreachable"],
    ["ENETDOWN", "unreachable"],
    ["ETIMEDOUT", "unreachable"],
    ["ENOTFOUND", "unreachable"],
    ["EAI_AGAIN", "unreachable"],
    ["ECONNRESET", "protocol"],
    ["EPIPE", "protocol"],
    ["ABORT_ERR", "protocol"],
    ["ERR_HTTP2_SESSION_ERROR", "protocol"],
    ["HPE_INVALID_CONSTANT", "protocol"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "protocol"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "tls"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["HOSTNAME_MISMATCH", "tls"],
    ["PATH_LENGTH_EXCEEDED", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
  ] as const)("%s is %s", (code, reason) => {
    expect(reasonOfCode(code)).toBe(reason);
  });

  it("does not exist for codes of bugs, and for names that every object has", () => {
    expect(["", "ERR_INVALID_ARG_TYPE", "constructor", "__proto__"].map(reasonOfCode)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

it("tells a peer without TLS from a certificate of somebody else", () => {
  expect([isNotTls("ERR_SSL_HTTP_REQUEST"), isNotTls("CERT_HAS_EXPIRED")]).toEqual([true, false]);
  expect([isUnknownAuthority("SELF_SIGNED_CERT_IN_CHAIN"), isUnknownAuthority("CERT_HAS_EXPIRED")]).toEqual([
    true,
    false,
  ]);
});

it("finds no code where there is none", () => {
  const numbered = Object.assign(new Error("x"), { code: 7 });
  expect([new Error("x"), "x", null, { code: "EPIPE" }, numbered].map(errorCode)).toEqual(["", "", "", "", ""]);
  expect(errorCode(Object.assign(new Error("x"), { code: "EPIPE" }))).toBe("EPIPE");
});
