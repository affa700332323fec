// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Components } from "./components.ts";
import { STATE_DIR } from "./config.ts";
import { readProcess } from "./processes.ts";

const STATE_FILE = join(STATE_DIR, "state.json");
const LOCK_FILE = `${STATE_DIR}.lock`;

/** What `up` recorded about the running twin. Written before the nodes boot. */
export type TwinState = { readonly startedAt: string; readonly components: Components };

export async function readState(): Promise<TwinState | undefined> {
  if (!existsSync(STATE_FILE)) return undefined;
  return JSON.parse(await readFile(STATE_FILE, "utf8")) as TwinState;
}

export async function writeState(state: TwinState): Promise<void> {
  await mkdir(STATE_DIR, { recursive: true, mode: 0o755 });
  await writeFile(STATE_FILE, `${JSON.stringify(state, null, 2)}\n`);
}

/** Only one `up` or `down` at a time. A lock whose owner is gone counts as free. */
export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  await takeLock();
  try {
    return await work();
  } finally {
    await rm(LOCK_FILE, { force: true });
  }
}

async function takeLock(): Promise<void> {
  const own = { pid: process.pid, argv: readProcess(process.pid)?.argv ?? [] };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(LOCK_FILE, JSON.stringify(own), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = await lockOwner();
    if (owner !== undefined) throw new Error(`another twin command is at work (pid ${owner})`);
    await rm(LOCK_FILE, { force: true });
  }
  throw new Error("another twin command took the lock");
}

async function lockOwner(): Promise<number | undefined> {
  try {
    const { pid, argv } = JSON.parse(await readFile(LOCK_FILE, "utf8")) as { pid: number; argv: string[] };
    return readProcess(pid)?.argv.join("\0") === argv.join("\0") ? pid : undefined;
  } catch {
    // Empty or half-written: its owner died before it finished the line.
    return undefined;
  }
}
