// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

export type RunResult = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True when the deadline ended it. What it did until then is unknown. */
  readonly timedOut: boolean;
};

export type RunOptions = {
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
};

/** Long enough for anything that is not a build; whoever needs more says so. */
const RUN_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;

/** Runs a command without a shell. Never rejects on a bad exit: the caller judges. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error("run: empty argv");
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      {
        timeout: options.timeoutMs ?? RUN_TIMEOUT_MS,
        killSignal: "SIGKILL",
        maxBuffer: OUTPUT_BYTES_MAX,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.env === undefined ? {} : { env: options.env }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        const spawnError = error !== null && typeof error.code === "string" ? `${error.message}\n` : "";
        resolve({
          code,
          signal: error?.signal ?? null,
          stdout,
          stderr: spawnError + stderr,
          timedOut: error?.killed === true && error.signal === "SIGKILL",
        });
      },
    );
    // A child that never reads its input must not crash us with EPIPE.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}

/** Runs a command that has to succeed and returns its output. */
export async function runOk(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) throw new Error(describeFailure(argv, result));
  return result.stdout;
}

export function describeFailure(argv: readonly string[], result: RunResult): string {
  const how = result.timedOut
    ? "did not end in time"
    : result.code === null
      ? `ended by ${result.signal ?? "an error"}`
      : `ended with exit ${result.code}`;
  const tail = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-8).join("\n");
  return `${argv.join(" ")}: ${how}${tail === "" ? "" : `\n${tail}`}`;
}

/** Starts a process that outlives this one; its output goes to a file. Returns its pid. */
export function startDetached(argv: readonly string[], logFile: string): number {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error("startDetached: empty argv");
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(file, args, { detached: true, stdio: ["ignore", log, log] });
    child.on("error", () => {});
    child.unref();
    if (child.pid === undefined) throw new Error(`${file}: could not be started`);
    return child.pid;
  } finally {
    closeSync(log);
  }
}
