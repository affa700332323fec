import type { Duplex } from "node:stream";
import type { NodeName } from "../core/model/observation.ts";
import type { Reading, UnknownReason } from "../core/model/observed.ts";

/** How a command ended. A command that met its deadline may have happened: observe before any retry. */
export interface CommandResult {
  readonly outcome: "exited" | "deadline" | "not-started" | "output-limit";
  /** Null unless `outcome` is `exited` by itself (not by a signal). */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** At most the first 4 KiB, for messages. */
  readonly stderr: string;
  readonly durationMs: number;
  /**
   * Set when the way to the node failed rather than the command: with `not-started` it certainly did not run, with
   * `exited` (and no exit code) the connection was lost and it may have run. `stderr` is then one line for people.
   */
  readonly reason?: UnknownReason;
}

export interface CommandOptions {
  readonly deadlineMs: number;
  /** Standard input; none when absent. */
  readonly input?: string | Buffer;
  /** Default 1 MiB; past it the command is stopped and the outcome is `output-limit`. */
  readonly outputBytesMax?: number;
  /** Run as root: with `sudo -n` when the access is not root already. */
  readonly asRoot?: boolean;
}

/** A line stream of a long-running command, for example `journalctl --follow`. */
export interface CommandStream {
  readonly stdout: AsyncIterable<Buffer>;
  /** Ends the command: TERM, then KILL. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when the command has ended; never rejects. */
  readonly ended: Promise<CommandResult>;
}

/** What to connect to, as seen from the node. */
export type ConnectTarget =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/**
 * A control-plane node as the taps reach it: this machine, or another one by the system's OpenSSH with nothing
 * installed there. Everything has a deadline.
 */
export interface NodeAccess {
  readonly name: NodeName;
  /** How people would reach the node by hand: `local` or `ssh HOST`. For printed commands. */
  readonly via: { readonly kind: "local" } | { readonly kind: "ssh"; readonly host: string };
  /** Runs a command by its argv (no shell on this side; over ssh each word is quoted for the remote shell). Never throws. */
  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult>;
  /** Starts a long-running command. Throws TapError when it cannot be started. */
  stream(argv: readonly string[], options: { readonly asRoot?: boolean }): Promise<CommandStream>;
  /** Reads a small file as root. Never throws. */
  readFile(
    path: string,
    options: { readonly deadlineMs: number; readonly bytesMax?: number },
  ): Promise<Reading<Buffer>>;
  /**
   * Connects to a socket of the node; throws TapError (`connection-refused`, `not-found`, `permission-denied`,
   * `unreachable`, `deadline`). The stream is the caller's to destroy.
   */
  connect(target: ConnectTarget, deadlineMs: number): Promise<Duplex>;
  /** Ends everything it opened (forwards, ssh master, streams). Never throws. */
  close(): Promise<void>;
}
