import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Longest directory in which ssh can still make its sockets: a unix socket path has at most 103 bytes on macOS and 107 on
 * Linux, and ssh binds `NAME.` plus 16 random characters before it renames; our own names and one level take 12 more.
 */
const DIRECTORY_BYTES_MAX = 103 - 12 - 18;

/**
 * Makes a private directory (mode 0700, ours alone) for the control sockets of this process and returns its path.
 * Falls back to /tmp when TMPDIR is too long for sockets. Remove it with `removeControlDirectory`.
 */
export function createControlDirectory(): string {
  const name = "quorate-XXXXXX";
  const base = Buffer.byteLength(join(tmpdir(), name)) <= DIRECTORY_BYTES_MAX ? tmpdir() : "/tmp";
  return mkdtempSync(join(base, "quorate-"));
}

/** Removes the directory and what is left in it; does not fail when it is gone. */
export function removeControlDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
