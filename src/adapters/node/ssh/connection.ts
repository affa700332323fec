import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult } from "../../../ports/node-access.ts";
import { TapError } from "../../../ports/tap-error.ts";
import type { RunOptions } from "../../exec/run.ts";
import { notStarted, runCommand } from "../../exec/run.ts";
import type { Deadline } from "../../net/deadline.ts";
import { deadlineIn } from "../../net/deadline.ts";
import { withRoot } from "../privilege.ts";
import { removeControlDirectory } from "./control-directory.ts";
import type { Forwards } from "./forwards.ts";
import { createForwards } from "./forwards.ts";
import type { SshMaster, SshTarget } from "./master.ts";
import { startMaster } from "./master.ts";
import { boundedArgv, interpretSession, sessionArgv, wasRefusedSession } from "./mux.ts";
import type { Slots } from "./slots.ts";
import { createSlots } from "./slots.ts";

/**
 * sshd opens 10 sessions on one connection (MaxSessions' default) and refuses the next. The master's own is one, and two
 * are left for sessions that have ended here and are still being cleared away there.
 */
const SESSIONS_MAX = 7;

/** Between two tries when the node had no session left. */
const SESSION_RETRY_MS = 50;

/**
 * After a failed login the same failure is given for this long without another try: taps ask every second, and
 * hundreds of failed logins look like an attack to the node (fail2ban bans after 5 in 10 minutes by default).
 */
const RETRY_PAUSE_MS = 5_000;

/** One login that all commands and forwards of a node go through; made anew when it was lost. */
export interface SshConnection {
  /** The open connection, made when there is none. Throws TapError. */
  open(deadline: Deadline): Promise<OpenConnection>;
  /** Runs a command in a session. Never throws. */
  run(argv: readonly string[], options: RunOptions, asRoot: boolean): Promise<CommandResult>;
  close(): Promise<void>;
}

export interface OpenConnection {
  readonly master: SshMaster;
  readonly forwards: Forwards;
  readonly sessions: Slots;
}

export function createSshConnection(target: SshTarget, controlDirectory: string): SshConnection {
  const what = `${target.name}: ssh ${target.host}`;
  let current: Promise<OpenConnection> | null = null;
  let failure: { readonly error: unknown; readonly atMs: number } | null = null;
  let directory: string | null = null;
  let logins = 0;
  const closing = new AbortController();

  async function login(): Promise<OpenConnection> {
    directory ??= mkdtempSync(join(controlDirectory, "n-"));
    // A new name each time: a lost master may have left its sockets behind.
    logins += 1;
    const master = await startMaster(target, join(directory, `c${logins}`), closing.signal);
    const sessions = createSlots(SESSIONS_MAX);
    const place = { directory, prefix: `f${logins}-` };
    const forwards = createForwards(master, target.name, place, (argv, deadlineMs) => run(argv, { deadlineMs }, false));
    return { master, forwards, sessions };
  }

  async function open(deadline: Deadline): Promise<OpenConnection> {
    if (closing.signal.aborted) throw new TapError("unreachable", `${what}: this access was closed`);
    const known = current;
    // Others may have begun a new login while we looked at the old one: only the old one is forgotten.
    if (known !== null && !(await isUsable(known, deadline)) && current === known) current = null;
    if (current === null) {
      if (failure !== null && performance.now() - failure.atMs < RETRY_PAUSE_MS) throw failure.error;
      const opening = login();
      current = opening;
      opening.catch((error: unknown) => {
        failure = { error, atMs: performance.now() };
        if (current === opening) current = null;
      });
    }
    return await loggedIn(current, deadline);
  }

  /** The login's own lateness says nothing about the service that is asked for. */
  async function loggedIn(login: Promise<OpenConnection>, deadline: Deadline): Promise<OpenConnection> {
    try {
      return await deadline.hold(login, what);
    } catch (error) {
      if (!(error instanceof TapError && error.reason === "deadline")) throw error;
      throw new TapError("unreachable", error.message, { cause: error });
    }
  }

  async function isUsable(opening: Promise<OpenConnection>, deadline: Deadline): Promise<boolean> {
    return (await loggedIn(opening, deadline)).master.isAlive();
  }

  async function run(argv: readonly string[], options: RunOptions, asRoot: boolean): Promise<CommandResult> {
    const startedMs = performance.now();
    const deadline = deadlineIn(options.deadlineMs);
    let giveBack: (() => void) | null = null;
    try {
      const { master, sessions } = await open(deadline);
      giveBack = await sessions.take(deadline, what);
      const bounded = boundedArgv(argv, options.deadlineMs);
      const words = sessionArgv(master, asRoot ? withRoot(bounded, master.uid) : bounded);
      for (;;) {
        const result = await runCommand(words, { ...options, deadlineMs: deadline.leftMs() });
        if (!wasRefusedSession(result) || deadline.leftMs() < SESSION_RETRY_MS) {
          return await interpretSession(result, master, target.name);
        }
        await sleep(SESSION_RETRY_MS);
      }
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      return notStarted(error, performance.now() - startedMs);
    } finally {
      giveBack?.();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await current?.then(({ master }) => master.stop()).catch(() => {});
    current = null;
    if (directory !== null) removeControlDirectory(directory);
  }

  return { open, run, close };
}
