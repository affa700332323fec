import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInvocationId, parseTimestamp, parseUnit } from "./parse-unit.ts";

/** Captured: systemd 257 (Debian 13), TZ=UTC systemctl show of a running unit; secrets: none. */
const RUNNING = `Result=success
NRestarts=2
MainPID=1234
LoadState=loaded
ActiveState=active
SubState=running
ActiveEnterTimestamp=Wed 2026-06-24 16:16:06 UTC
InvocationID=7f3a0d0c0e1b4c0f8d6a5b4c3d2e1f00
`;

const NEVER_RAN = `Result=success\nNRestarts=0\nMainPID=0\nLoadState=loaded\nActiveState=inactive\nSubState=dead
ActiveEnterTimestamp=\nInvocationID=\n`;

describe("parseUnit", () => {
  it("reads a running unit", () => {
    expect(parseUnit("foo", RUNNING)).toEqual({
      kind: "unit",
      state: {
        unit: "foo",
        activeState: "active",
        subState: "running",
        result: "success",
        invocationId: "7f3a0d0c0e1b4c0f8d6a5b4c3d2e1f00",
        activeEnterAtMs: Date.UTC(2026, 5, 24, 16, 16, 6),
        mainPid: 1234,
        restarts: 2,
      },
    });
  });

  it("reads a unit that never ran", () => {
    expect(parseUnit("foo", NEVER_RAN)).toMatchObject({
      state: { activeState: "inactive", invocationId: null, activeEnterAtMs: null, mainPid: 0 },
    });
  });

  it("does not take a missing unit for a stopped one", () => {
    expect(parseUnit("foo", NEVER_RAN.replace("=loaded", "=not-found"))).toEqual({ kind: "no-such-unit" });
  });

  it("still sees a unit that runs although its file was removed", () => {
    expect(parseUnit("foo", RUNNING.replace("=loaded", "=not-found"))).toMatchObject({ kind: "unit" });
  });

  it("does not call rubbish a state, and never throws", () => {
    expect(parseUnit("foo", "")).toMatchObject({ kind: "unreadable" });
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(["unit", "no-such-unit", "unreadable"]).toContain(parseUnit("foo", text).kind);
      }),
    );
  });
});

describe("parseTimestamp", () => {
  it("reads what systemd prints with TZ=UTC, with and without a fraction", () => {
    expect(parseTimestamp("Wed 2026-06-24 16:16:06 UTC")).toBe(Date.UTC(2026, 5, 24, 16, 16, 6));
    expect(parseTimestamp("Wed 2026-06-24 16:16:06.123456 UTC")).toBe(Date.UTC(2026, 5, 24, 16, 16, 6, 123));
  });

  it("guesses nothing: other zones, n/a and 0 are null", () => {
    for (const text of ["Wed 2026-06-24 18:16:06 CEST", "n/a", "0", "", "2026-13-99 99:99:99 UTC"]) {
      expect(parseTimestamp(text)).toBeNull();
    }
  });
});

describe("parseInvocationId", () => {
  it("takes 32 hex digits that are not all zero", () => {
    expect(parseInvocationId("0".repeat(32))).toBeNull();
    expect(parseInvocationId("A".repeat(32))).toBeNull();
    expect(parseInvocationId("a".repeat(32))).toBe("a".repeat(32));
  });
});
