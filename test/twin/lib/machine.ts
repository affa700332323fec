// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { nodeDir, nodeNetns, nodeRoot, TWIN_DIR, type NodeName } from "./config.ts";
import { run, runOk, startDetached, type RunOptions, type RunResult } from "./exec.ts";
import { allPids, isAlive, isInCgroup, pidNamespace, readProcess, signalProcess, type Process } from "./processes.ts";
import { waitFor, waitUntil } from "./wait.ts";

/** A file or folder of the host that the node sees read-only. */
export type Bind = { readonly from: string; readonly to: string };

/** systemd reaches PID 1 within a fraction of a second; the rest is patience for a loaded machine. */
const INIT_TIMEOUT_MS = 20_000;
/** SIGKILL of PID 1 ends all processes of its namespace; nspawn then needs moments to clean up. */
const DEATH_TIMEOUT_MS = 15_000;

/** Lays the node's own writable layer over the shared root file system. */
export async function mountRoot(node: NodeName, rootfs: string): Promise<void> {
  const dir = nodeDir(node);
  for (const part of ["upper", "work", "root"]) await mkdir(join(dir, part), { recursive: true });
  const options = `lowerdir=${rootfs},upperdir=${join(dir, "upper")},workdir=${join(dir, "work")}`;
  await runOk(["mount", "-t", "overlay", "overlay", "-o", options, nodeRoot(node)]);
}

export async function unmountRoot(node: NodeName): Promise<void> {
  if (await isMounted(nodeRoot(node))) await runOk(["umount", nodeRoot(node)]);
}

export async function isMounted(path: string): Promise<boolean> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts.split("\n").some((line) => line.split(" ")[4] === path);
}

/** Boots the node and returns when its init runs; the units come later. */
export async function bootMachine(node: NodeName, binds: readonly Bind[]): Promise<void> {
  if (initProcess(node) !== undefined) return;
  const cgroups = await makeCgroups(node);
  const argv = [
    "sh",
    join(TWIN_DIR, "lib/in-cgroups.sh"),
    ...cgroups,
    "--",
    "systemd-nspawn",
    "--boot",
    `--directory=${nodeRoot(node)}`,
    `--machine=${node}`,
    "--register=no",
    "--keep-unit",
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
    `--network-namespace-path=/run/netns/${nodeNetns(node)}`,
    "--console=pipe",
    ...binds.map((bind) => `--bind-ro=${bind.from}:${escapeColons(bind.to)}`),
  ];
  const pid = startDetached(argv, join(nodeDir(node), "console.log"));
  await writeFile(pidFile(node), String(pid));
  await waitFor(`${node}: init`, async () => initProcess(node), {
    timeoutMs: INIT_TIMEOUT_MS,
    explain: () => readFile(join(nodeDir(node), "console.log"), "utf8").then((text) => text.slice(-2000)),
  });
}

/** Pulls the power: nothing gets a chance to flush, hand over or say goodbye. */
export async function crashMachine(node: NodeName): Promise<void> {
  const nspawn = nspawnProcess(node);
  const init = initProcess(node);
  // Killing nspawn would leave the container running, so its init has to die first.
  if (init !== undefined) signalProcess(init, "SIGKILL");
  await waitUntil(`${node}: death of init`, () => initProcess(node) === undefined, { timeoutMs: DEATH_TIMEOUT_MS });
  if (nspawn !== undefined) {
    await waitUntil(`${node}: end of systemd-nspawn`, () => !isAlive(nspawn.pid), { timeoutMs: DEATH_TIMEOUT_MS });
  }
  for (const left of nodeProcesses(node)) signalProcess(left, "SIGKILL");
  await rm(pidFile(node), { force: true });
  await waitUntil(`${node}: empty cgroups`, () => removeCgroups(node).then(() => true), {
    timeoutMs: DEATH_TIMEOUT_MS,
  });
}

/** The node's PID 1 as the host sees it; undefined when the node is off. */
export function initProcess(node: NodeName): Process | undefined {
  return nodeProcesses(node).find((found) => found.innerPid === 1 && isNested(found));
}

/** Of a namespace below ours: the machine's own PID 1 can never be taken for a node's. */
function isNested(found: Process): boolean {
  return found.pid !== 1 && pidNamespace(found.pid) !== pidNamespace(process.pid);
}

/** The recorded systemd-nspawn, if the pid still is that process and not a later one with its number. */
function nspawnProcess(node: NodeName): Process | undefined {
  const pid = recordedPid(node);
  const found = pid === undefined ? undefined : readProcess(pid);
  if (found === undefined || found.state === "Z") return undefined;
  const ours = found.argv.includes(`--directory=${nodeRoot(node)}`);
  return ours ? found : undefined;
}

/**
 * All processes in the node's cgroups. Their name is ours alone, so this also finds what an `up` left that was killed
 * before it could write down a pid.
 */
function nodeProcesses(node: NodeName): Process[] {
  const found = allPids()
    .filter((pid) => isInCgroup(pid, `quorate-${node}`))
    .map(readProcess);
  return found.filter((one): one is Process => one !== undefined && one.state !== "Z");
}

/** Runs a command inside a node. Works while its network is cut, unlike ssh; not while it is frozen. */
export async function runOnNode(node: NodeName, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const init = initProcess(node);
  if (init === undefined) throw new Error(`${node} is not running`);
  return run([...enterArgv(init.pid), ...argv], options);
}

/** The same for commands that must succeed; returns the output. */
export async function runOnNodeOk(node: NodeName, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const init = initProcess(node);
  if (init === undefined) throw new Error(`${node} is not running`);
  return runOk([...enterArgv(init.pid), ...argv], options);
}

/** All namespaces of the node, its root directory and a login-like environment. */
function enterArgv(initPid: number): string[] {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return ["nsenter", "--target", String(initPid), ...namespaces, "--", "env", "-i", path, "HOME=/root", "LANG=C.UTF-8"];
}

function pidFile(node: NodeName): string {
  return join(nodeDir(node), "nspawn.pid");
}

function recordedPid(node: NodeName): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(node), "utf8"));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    // No file: the node was never booted, or `down` has removed it.
    return undefined;
  }
}

/** systemd-nspawn separates the fields of a bind by colons. */
function escapeColons(path: string): string {
  return path.replaceAll(":", "\\:");
}
