import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../ports/node-access.ts";
import { commandFailure, lastLine } from "./command-failure.ts";

function result(fields: Partial<CommandResult>): CommandResult {
  return { outcome: "exited", exitCode: 1, stdout: Buffer.alloc(0), stderr: "", durationMs: 12, ...fields };
}

describe("commandFailure", () => {
  it.each([
    [{ outcome: "deadline", exitCode: null, durationMs: 2_001 }, "deadline", "no answer within 2001 ms"],
    [{ outcome: "output-limit", exitCode: null }, "protocol", "more output"],
    [{ outcome: "not-started", reason: "unreachable", stderr: "no route" }, "unreachable", "no route"],
    [{ exitCode: null, reason: "unreachable", stderr: "connection lost" }, "unreachable", "lost"],
    [{ stderr: "sudo: a password is required\n" }, "permission-denied", "sudo refused"],
    [{ stderr: "Sorry, user nosudo may not run sudo on k8s01.\n" }, "permission-denied", "sudo refused"],
    [{ stderr: "cat: /etc/shadow: Permission denied" }, "permission-denied", "/etc/shadow"],
    [{ stderr: "cat: /x: No such file or directory" }, "not-found", "/x"],
    [{ exitCode: 127, stderr: "sh: 1: foo: not found" }, "not-found", "foo"],
    [{ exitCode: 3 }, "server-error", "exit code 3"],
    [{ exitCode: null }, "server-error", "ended by a signal"],
  ] as const)("names %j", (fields, reason, words) => {
    const failure = commandFailure(result(fields), "k8s01: cat");
    expect(failure.reason).toBe(reason);
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/^k8s01: cat: [^\n]+$/);
  });
});

describe("commandFailure of a failed way", () => {
  it("names the node once", () => {
    const lost = result({ exitCode: null, reason: "unreachable", stderr: "k8s01 (ssh k8s01-ops): no route" });
    expect(commandFailure(lost, "k8s01: journalctl").message).toBe("k8s01 (ssh k8s01-ops): no route");
  });
});

describe("lastLine", () => {
  it("takes the last line with words, without control characters, cut to length", () => {
    expect(lastLine("a\nb\u001b[31m c\r\n\n")).toBe("b [31m c");
    expect(lastLine("")).toBe("");
    expect(lastLine("x".repeat(10_000)).length).toBeLessThan(301);
  });
});
