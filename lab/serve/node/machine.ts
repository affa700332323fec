import type { LabNode, World } from "../../world/world.ts";
import type { Process } from "../../world/process.ts";

/** One node as its commands see it. */
export interface Machine {
  readonly world: World;
  readonly node: LabNode;
  /** Files that are not in the host's own: certificates, kubeconfigs, the backend's YAML. Undefined: there is none. */
  file(path: string): string | undefined;
  /** Whether a unix socket is there, and somebody listens on it. */
  socket(path: string): "listening" | "left behind" | "missing";
  /** Paths that are locked by flock, with who waits. */
  readonly locks: Map<string, (() => void)[]>;
}

/** A running command: what it reads and writes. All of it happens in the world's now. */
export interface CommandIo {
  /** Its process on the node: what it does later it does in that process's life. */
  readonly process: Process;
  out(data: string | Buffer): void;
  err(text: string): void;
  /** Once. */
  exit(code: number): void;
  /** The end of its standard input. */
  onInputEnd(listener: () => void): void;
  /** What ends it when it is killed (by `timeout`, by the leash). */
  onKill(listener: () => void): void;
}

/** argv[0] is the program's name. */
export type Command = (machine: Machine, argv: readonly string[], io: CommandIo) => void;

/** Since its last boot. */
export function uptimeSeconds({ node: { host } }: Pick<Machine, "node">): number {
  return Math.max(0, host.sim.nowMs() - host.bootedAtMs) / 1000;
}
