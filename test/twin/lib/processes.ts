// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Process = {
  readonly pid: number;
  readonly parent: number;
  /** The pid in the innermost namespace: 1 for a node's init. */
  readonly innerPid: number;
  readonly argv: readonly string[];
  /** `R`, `S`, `T` (stopped), `Z`, … */
  readonly state: string;
};

/** Reads one process, or undefined when it is gone (or not ours to read). */
export function readProcess(pid: number): Process | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, "m").exec(status)?.[1] ?? "";
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    const innerPid = Number(field("NSpid").split(/\s+/).at(-1));
    return { pid, parent: Number(field("PPid")), innerPid, argv, state: field("State").slice(0, 1) };
  } catch {
    // Every process may vanish between two reads: that is an answer, not an error.
    return undefined;
  }
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function isAlive(pid: number): boolean {
  const found = readProcess(pid);
  return found !== undefined && found.state !== "Z";
}

/** Names the process's PID namespace; two processes of one container share it. */
export function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** True when a part of the process's control group path is the name: a node's cgroup, or a systemd unit. */
export function isInCgroup(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8")
      .split("\n")
      .some((line) => line.split("/").includes(name));
  } catch {
    return false;
  }
}

/** Signals a process only if it still is what the caller took it for: pids are reused. */
export function signalProcess(expected: Process, signal: NodeJS.Signals): boolean {
  const now = readProcess(expected.pid);
  if (now === undefined || now.argv.join("\0") !== expected.argv.join("\0")) return false;
  process.kill(expected.pid, signal);
  return true;
}
