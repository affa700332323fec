// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CACHE_DIR } from "./config.ts";
import type { Progress } from "./progress.ts";

/** A short digest of everything a cached thing is made from. */
export function cacheKey(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}\n`);
  return hash.digest("hex").slice(0, 16);
}

/** The names and contents of all files under a folder, for a key that changes with every source file. */
export async function folderContents(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  files.sort();
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return files.flatMap((file, index) => [file.slice(dir.length), contents[index] ?? ""]);
}

export type CacheEntry = {
  /** What it is, for people. */
  readonly what: string;
  /** The folder's name: `kind-key`. */
  readonly name: string;
  /** Fills an empty folder. It is renamed into place only when this succeeded. */
  readonly make: (dir: string) => Promise<void>;
  readonly remove?: (dir: string) => Promise<void>;
};

/** A build by another process may take this long before its leftovers count as abandoned. */
const ABANDONED_MS = 2 * 3_600_000;

/** Returns the folder of a cached thing and makes it first if it is missing. */
export async function cached(entry: CacheEntry, progress: Progress): Promise<string> {
  const dir = join(CACHE_DIR, entry.name);
  if (existsSync(dir)) return dir;
  await mkdir(CACHE_DIR, { recursive: true });
  const remove = entry.remove ?? ((path: string) => rm(path, { recursive: true, force: true }));
  await removeAbandoned(entry.name, remove);
  const partial = `${dir}.partial-${process.pid}`;
  await remove(partial);
  await mkdir(partial);
  const startMs = performance.now();
  progress(`${entry.what}: not in the cache, building`);
  try {
    await entry.make(partial);
    await rename(partial, dir).catch(async (error: unknown) => {
      // Another process was faster with the very same thing: use its folder.
      if (!existsSync(dir)) throw error;
      await remove(partial);
    });
  } catch (error) {
    await remove(partial);
    throw error;
  }
  progress(`${entry.what}: built in ${Math.round((performance.now() - startMs) / 1000)} s`);
  return dir;
}

export function isCached(name: string): boolean {
  return existsSync(join(CACHE_DIR, name));
}

async function removeAbandoned(name: string, remove: (dir: string) => Promise<void>): Promise<void> {
  for (const found of await readdir(CACHE_DIR)) {
    if (!found.startsWith(`${name}.partial-`)) continue;
    const path = join(CACHE_DIR, found);
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    if (ageMs > ABANDONED_MS) await remove(path);
  }
}
