// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeName } from "./config.ts";

/**
 * Every node needs a cgroup of its own in each hierarchy that systemd uses: without it all containers share one,
 * see each other's units, and can kill each other's processes.
 */
export async function cgroupDirs(node: NodeName): Promise<string[]> {
  return (await hierarchies()).map((root) => join(root, `quorate-${node}`));
}

export async function makeCgroups(node: NodeName): Promise<string[]> {
  const dirs = await cgroupDirs(node);
  for (const dir of dirs) await mkdir(dir, { recursive: true });
  return dirs;
}

/** The mount points of cgroup2 and of systemd's named v1 hierarchy, whichever exist. */
async function hierarchies(): Promise<string[]> {
  const found: string[] = [];
  for (const line of (await readFile("/proc/self/mountinfo", "utf8")).split("\n")) {
    const [mount, filesystem] = line.split(" - ");
    const path = mount?.split(" ")[4];
    const [type = "", , options = ""] = filesystem?.split(" ") ?? [];
    const used = type === "cgroup2" || (type === "cgroup" && options.includes("name=systemd"));
    if (used && path !== undefined && !found.includes(path)) found.push(path);
  }
  return found;
}

/** Freezes or thaws all processes of the node at once, like a hypervisor that stops scheduling it. */
export async function setFrozen(node: NodeName, frozen: boolean): Promise<void> {
  for (const file of await freezeFiles(node)) await writeFile(file, frozen ? "1" : "0");
}

export async function isFrozen(node: NodeName): Promise<boolean> {
  for (const file of await freezeFiles(node)) {
    if ((await readFile(file, "utf8")).trim() === "1") return true;
  }
  return false;
}

/** Only cgroup2 has cgroup.freeze. systemd-nspawn puts the container below `payload`. */
async function freezeFiles(node: NodeName): Promise<string[]> {
  const files = (await cgroupDirs(node)).map((dir) => join(dir, "payload", "cgroup.freeze"));
  return files.filter((file) => existsSync(file));
}

/** Removes the node's cgroups, deepest first. They must be empty of processes. */
export async function removeCgroups(node: NodeName): Promise<void> {
  for (const dir of await cgroupDirs(node)) await removeCgroup(dir);
}

export async function leftoverCgroups(nodes: readonly NodeName[]): Promise<string[]> {
  const dirs = (await Promise.all(nodes.map(cgroupDirs))).flat();
  return dirs.filter((dir) => existsSync(dir));
}

async function removeCgroup(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(dir, entry.name));
  // EBUSY for a moment after the last process died: the caller tries again until its deadline.
  await rmdir(dir);
}
