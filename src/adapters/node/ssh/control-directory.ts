import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Longest directory in which ssh can still make its sockets: a unix socket path has at most 103 bytes on macOS and 107 on
 * Linux, ssh binds `NAME.` plus 16 random characters before it renames, and our own level and names take 14 more.
 */
const DIRECTORY_BYTES_MAX = 103 - 14 - 18;

/** The owner's process id is in the name, so that what a killed process left behind can be told and removed. */
const NAME = /^quorate-(\d{1,10})-[A-Za-z0-9]{6}$/;

/**
 * Makes a private directory (mode 0700, ours alone) for the control sockets of this process and returns its path. Falls
 * back to /tmp when TMPDIR is too long for sockets. Removes those of our processes that are gone: they hold dead sockets only.
 */
export function createControlDirectory(base: string = tmpdir()): string {
  const prefix = `quorate-${process.pid}-`;
  const place = Buffer.byteLength(join(base, `${prefix}XXXXXX`)) <= DIRECTORY_BYTES_MAX ? base : "/tmp";
  for (const name of readdirSync(place)) {
    const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid) && isOurs(join(place, name))) removeControlDirectory(join(place, name));
  }
  return mkdtempSync(join(place, prefix));
}

/** Removes the directory and what is left in it; does not fail when it is gone. */
export function removeControlDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A directory of our own user, and no symbolic link to one. */
function isOurs(path: string): boolean {
  try {
    const status = lstatSync(path);
    return status.isDirectory() && status.uid === process.getuid?.();
  } catch {
    return false;
  }
}
