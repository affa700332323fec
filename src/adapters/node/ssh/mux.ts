import type { CommandResult } from "../../../ports/node-access.ts";
import { notStarted } from "../../exec/run.ts";
import { TapError } from "../../../ports/tap-error.ts";
import { quoteForPosixShell } from "../quote.ts";
import type { SshMaster } from "./master.ts";

/**
 * Clients of a master read no configuration and can never open a connection of their own: should the master be gone, the
 * proxy command fails at once. The host is a placeholder, the master knows the way.
 */
const CLIENT = ["ssh", "-F", "none", "-T", "-o", "BatchMode=yes", "-o", "ProxyCommand=false", "-o", "ControlMaster=no"];
const PLACEHOLDER = "quorate-master";

/** What ssh prints when the proxy command failed: there was no master, so nothing was sent. */
const NO_MASTER = /closed by UNKNOWN port|UNKNOWN port 65535/;

/** ssh's own exit code for a failed or lost connection. */
const SSH_EXIT_LOST = 255;

/** sshd's MaxSessions is used up: a session that just ended is still being cleared away. */
const NO_SESSION = /Session open refused by peer/;

/** What the node's own `timeout` adds to our deadline: it only cleans up behind us. */
const REMOTE_GRACE_SECONDS = 2;

/**
 * Bounds a command on the node too: when we give up at our deadline, ssh only closes the session, and a command that
 * hangs would keep it (and one of the node's few sessions) for ever.
 */
export function boundedArgv(argv: readonly string[], deadlineMs: number): readonly string[] {
  return ["timeout", "-k", "1", String(Math.ceil(deadlineMs / 1_000) + REMOTE_GRACE_SECONDS), ...argv];
}

/** Whether the node certainly did not start the command because it had no session left: try again. */
export function wasRefusedSession(result: CommandResult): boolean {
  return result.exitCode === SSH_EXIT_LOST && NO_SESSION.test(result.stderr);
}

/** argv of a client that runs `argv` on the node, in the C locale so that messages can be read. */
export function sessionArgv(master: SshMaster, argv: readonly string[]): readonly string[] {
  return [...client(master), "--", PLACEHOLDER, quoteForPosixShell(["env", "LC_ALL=C", "LANG=C", ...argv])];
}

/** argv of a client that asks the master to listen on `localPath` and forward to `remote` (see forwardSpec). */
export function forwardArgv(master: SshMaster, localPath: string, remote: string): readonly string[] {
  return [...client(master), "-O", "forward", "-L", `${localPath}:${remote}`, "--", PLACEHOLDER];
}

function client(master: SshMaster): readonly string[] {
  return [...CLIENT, "-S", master.controlPath.replaceAll("%", "%%")];
}

/** A lost master is gone within milliseconds of its clients; its pipes may take a quarter of a second to drain. */
const LOSS_SHOWS_MS = 500;

/** Tells a command's own end from the end of the way to it. `name` is the node's name. */
export async function interpretSession(result: CommandResult, master: SshMaster, name: string): Promise<CommandResult> {
  if (result.outcome !== "exited" || result.exitCode !== SSH_EXIT_LOST) return result;
  if (NO_MASTER.test(result.stderr)) {
    return notStarted(new TapError("unreachable", `${name}: the ssh connection is gone`), result.durationMs);
  }
  // A command's own 255 leaves the master alone.
  if (!(await master.endsWithin(LOSS_SHOWS_MS))) return result;
  const stderr = `${name}: the ssh connection was lost while the command ran: it may have happened`;
  return { ...result, exitCode: null, stderr, reason: "unreachable" };
}
