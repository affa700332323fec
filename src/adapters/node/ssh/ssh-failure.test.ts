import { describe, expect, it } from "vitest";
import { sshFailure } from "./ssh-failure.ts";

/** Captured from OpenSSH 9.2 against a real sshd, 2026-11. */
const CAPTURED = [
  ["ssh: Could not resolve hostname k8s09: Name or service not known", "unreachable", "host name is not known"],
  ["ssh: connect to host 127.0.0.1 port 24031: Connection refused", "unreachable", "nobody listens on its ssh port"],
  ["ssh: connect to host 192.0.2.1 port 22: Connection timed out", "unreachable", "no route"],
  ["ssh: connect to host 192.0.2.1 port 22: No route to host", "unreachable", "no route"],
  [
    "Connection timed out during banner exchange\r\nConnection to 127.0.0.1 port 24030 timed out",
    "unreachable",
    "frozen or overloaded",
  ],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.",
    "unreachable",
    "not the one in known_hosts",
  ],
  ["Host key verification failed.", "unreachable", "connect once by hand"],
  ["root@127.0.0.1: Permission denied (publickey,password).", "permission-denied", "passwords are never asked for"],
  ["command-line: line 0: Bad configuration option: nosuch", "unreachable", "Bad configuration option: nosuch"],
  ["something new\nof tomorrow", "unreachable", "ssh failed: of tomorrow"],
  ["", "unreachable", "ssh ended without a word"],
] as const;

describe("sshFailure", () => {
  it.each(CAPTURED)("%j", (stderr, reason, words) => {
    const failure = sshFailure("k8s01", "10.0.0.1", stderr);
    expect(failure.reason).toBe(reason);
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/^k8s01 \(ssh 10\.0\.0\.1\): [^\n\r]+$/);
  });

  it("never calls a closed or silent ssh port what would be knowledge about the service behind it", () => {
    for (const [stderr] of CAPTURED) {
      expect(["unreachable", "permission-denied"]).toContain(sshFailure("a", "a", stderr).reason);
    }
  });
});
