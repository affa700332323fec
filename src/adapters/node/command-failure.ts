import type { UnknownReason } from "../../core/model/observed.ts";
import type { CommandResult } from "../../ports/node-access.ts";
import { oneLine } from "../../ports/one-line.ts";
import { TapError } from "../../ports/tap-error.ts";

/** sh's and env's exit code for a program that is not installed. */
const EXIT_NOT_INSTALLED = 127;

/** Words of standard error (C locale) that say why, in order: the first match decides. */
const REASONS: readonly (readonly [RegExp, UnknownReason])[] = [
  [/permission denied|access denied|insufficient permissions|operation not permitted/i, "permission-denied"],
  [/no such file or directory/i, "not-found"],
];

/** What an operator can do about it. */
const WAYS_TO_ROOT = "log in as root, or let this login use sudo without a password";

/** Whether sudo itself refused (a password wanted, not in sudoers, not installed). */
export function isSudoRefusal(stderr: string): boolean {
  return /^sudo: |may not run sudo|not allowed to execute|is not in the sudoers file|env: .?sudo/im.test(stderr);
}

/**
 * Why a command brought no answer, as an expected failure of a tap. Give it results whose outcome is not `exited` or
 * whose exit code is not the one wanted. `what` is what was asked of whom, for example `k8s01: systemctl show`.
 */
export function commandFailure(result: CommandResult, what: string): TapError {
  if (result.outcome === "deadline") {
    return new TapError("deadline", `${what}: no answer within ${Math.round(result.durationMs)} ms`);
  }
  if (result.outcome === "output-limit") {
    return new TapError("protocol", `${what}: more output than ${result.stdout.length} bytes`);
  }
  const detail = lastLine(result.stderr);
  if (result.reason !== undefined) {
    // A failed way to the node names the node itself.
    const node = what.split(":", 1)[0] ?? what;
    return new TapError(result.reason, detail.startsWith(node) ? detail : `${what}: ${detail}`);
  }
  if (isSudoRefusal(result.stderr)) {
    return new TapError("permission-denied", `${what}: needs root, and sudo refused (${detail}); ${WAYS_TO_ROOT}`);
  }
  if (result.exitCode === EXIT_NOT_INSTALLED) return new TapError("not-found", `${what}: ${detail}`);
  const ending = result.exitCode === null ? "ended by a signal" : `exit code ${result.exitCode}`;
  const line = detail === "" ? `${what}: ${ending}` : `${what}: ${detail}`;
  return new TapError(REASONS.find(([pattern]) => pattern.test(result.stderr))?.[1] ?? "server-error", line);
}

/** The last line with words in it, printable and cut to length: what a program says last is why it failed. */
export function lastLine(text: string): string {
  return oneLine(text.split(/\r?\n/).findLast((line) => oneLine(line) !== "") ?? "");
}
