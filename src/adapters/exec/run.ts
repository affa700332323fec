import { performance } from "node:perf_hooks";
import type { CommandOptions, CommandResult } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import { captureBytes } from "./capture.ts";
import type { Child } from "./child.ts";
import { startChild } from "./child.ts";
import { watchEnding } from "./ending.ts";

/** Standard output kept when the caller names no cap: far above any `systemctl show`, below what hurts. */
export const OUTPUT_BYTES_MAX_DEFAULT = 1024 * 1024;

/** Standard error kept for messages (src/ports/node-access.ts promises 4 KiB). */
export const STDERR_BYTES_MAX = 4 * 1024;

export interface RunOptions extends Omit<CommandOptions, "asRoot"> {
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program by its argv and returns how it ended; never throws. At the deadline or past the output cap its
 * whole process group gets TERM, then KILL; the call returns at the latest about one second after the deadline.
 */
export async function runCommand(argv: readonly string[], options: RunOptions): Promise<CommandResult> {
  const startedMs = performance.now();
  let child: Child;
  try {
    child = await startChild(argv, options.env);
  } catch (error) {
    if (!(error instanceof TapError)) throw error;
    return notStarted(error, performance.now() - startedMs);
  }
  let outcome: CommandResult["outcome"] = "exited";
  const ending = watchEnding(child);
  function stopFor(cause: "deadline" | "output-limit"): void {
    if (outcome === "exited") outcome = cause;
    ending.stop();
  }
  const bytesMax = options.outputBytesMax ?? OUTPUT_BYTES_MAX_DEFAULT;
  const stdout = captureBytes(child.stdout, bytesMax, () => stopFor("output-limit"));
  const stderr = captureBytes(child.stderr, STDERR_BYTES_MAX);
  const timer = setTimeout(() => stopFor("deadline"), Math.max(0, options.deadlineMs));
  child.stdin.end(options.input);
  const exitCode = await ending.ended;
  clearTimeout(timer);
  return {
    outcome,
    exitCode: outcome === "exited" ? exitCode : null,
    stdout: stdout.bytes(),
    stderr: stderr.bytes().toString("utf8"),
    durationMs: performance.now() - startedMs,
  };
}

/** The result of a command that certainly did not run: `error` says why. */
export function notStarted(error: TapError, durationMs: number): CommandResult {
  return {
    outcome: "not-started",
    exitCode: null,
    stdout: Buffer.alloc(0),
    stderr: error.message,
    durationMs,
    reason: error.reason,
  };
}
