import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TapError } from "../../ports/tap-error.ts";
import { childEnvironment } from "./environment.ts";

/**
 * Between TERM and KILL. ssh, cat, journalctl and systemctl end on TERM within milliseconds; a program that needs
 * longer than this is stuck. Short, because a caller's deadline has already passed when it starts.
 */
export const TERM_GRACE_MS = 500;

/** A started child in its own session (no terminal to ask on) and process group (its children end with it). */
export type Child = ChildProcessWithoutNullStreams;

/**
 * Starts a program by its argv, without a shell. Resolves when the system has started it; throws TapError
 * (`not-found`, `permission-denied`, `server-error`) when it could not be started.
 */
export async function startChild(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Child> {
  const [program, ...words] = argv;
  if (program === undefined || program === "") throw new TapError("server-error", "no program to start was given");
  let child: Child;
  try {
    child = spawn(program, words, { env: childEnvironment(env), detached: true, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    // spawn throws at once for arguments that no program can get, for example a NUL byte in a word.
    throw startFailure(program, error);
  }
  // A child that ends without reading its input breaks this pipe; its exit says all that matters.
  child.stdin.on("error", ignore);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(startFailure(program, error)));
  });
  // From here on "error" only means that a signal could not be sent.
  child.on("error", ignore);
  return child;
}

/** Sends `signal` to the child's whole group; false when nobody is left there. */
export function signalGroup(child: Child, signal: "SIGTERM" | "SIGKILL"): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    // ESRCH: already gone. EPERM: a set-uid child (sudo) that we may not signal; closing its pipes must do.
    return false;
  }
}

/** Ends the group: TERM now, KILL after the grace. Returns a function that calls the KILL off. */
export function endGroup(child: Child): () => void {
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), TERM_GRACE_MS);
  return () => clearTimeout(timer);
}

function startFailure(program: string, error: unknown): TapError {
  const code = (error as NodeJS.ErrnoException).code;
  // execvp also says EACCES when it found nothing but could not look into one of PATH's directories.
  const isMissing = code === "ENOENT" || (code === "EACCES" && !isInstalled(program));
  if (isMissing) return new TapError("not-found", `${program}: this program is not installed (not on PATH)`);
  if (code === "EACCES") return new TapError("permission-denied", `${program}: may not be executed`);
  const text = error instanceof Error ? error.message : String(error);
  return new TapError("server-error", `${program}: could not be started: ${text}`, { cause: error });
}

function isInstalled(program: string): boolean {
  if (program.includes("/")) return existsSync(program);
  const path = childEnvironment()["PATH"] ?? "";
  return path.split(":").some((directory) => existsSync(join(directory, program)));
}

function ignore(): void {}
