import { describe, expect, it } from "vitest";
import { errnoFromDiagnosis, errnoFromOpenFailure } from "./diagnose.ts";
import { forwardSpec } from "./forwards.ts";

describe("forwardSpec", () => {
  it("escapes the colon of kine.sock:12379, which would else be host and port", () => {
    expect(forwardSpec({ kind: "unix", path: "/b/kine.sock:12379" })).toBe(String.raw`/b/kine.sock\:12379`);
  });

  it("brackets hosts, so that IPv6 works", () => {
    expect(forwardSpec({ kind: "tcp", host: "::1", port: 19_001 })).toBe("[::1]:19001");
  });

  it("refuses what ssh would expand or split", () => {
    for (const path of ["relative", "/a%h", "/a$B", "/a b", "/a\\b", "/a\nb"]) {
      expect(forwardSpec({ kind: "unix", path })).toBeNull();
    }
    expect(forwardSpec({ kind: "tcp", host: "a b", port: 1 })).toBeNull();
  });
});

describe("diagnosis", () => {
  it("knows only its own words", () => {
    expect(errnoFromDiagnosis("denied\n")).toBe("EACCES");
    expect(errnoFromDiagnosis("toString")).toBeNull();
    expect(errnoFromOpenFailure("connect failed: Connection refused")).toBe("ECONNREFUSED");
    expect(errnoFromOpenFailure("connect failed: No route to host")).toBe("EHOSTUNREACH");
    expect(errnoFromOpenFailure("something else")).toBeNull();
  });
});
