import { readNodeFile } from "./files.ts";
import type { Machine } from "./machine.ts";

/** What a unix socket path is to root: `refused` is a socket that is there. */
export function diagnose(machine: Machine, path: string): string {
  if (machine.socket(path) !== "missing") return "refused";
  return readNodeFile(machine, path) === undefined ? "missing" : "other";
}
