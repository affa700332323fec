import { randomUUID } from "node:crypto";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { systemClock } from "../../adapters/clock/system-clock.ts";
import { lookAtSqliteRunStore, openSqliteRunStore } from "../../adapters/run-store/sqlite-run-store.ts";
import { startObserver } from "../../app/observer.ts";
import { type Plan, recover as runRecover, type RecoverEnd } from "../../app/recover/recover.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { CliError, EXIT_INTERRUPTED, EXIT_RECOVER } from "../exit-codes.ts";
import { drawMatrix } from "../render/ladder.ts";
import { canvasFor, plain } from "../render/style.ts";
import { recoverReport } from "../report/recover-report.ts";
import { interruptSignal } from "../signals.ts";
import { type ClusterOptions, endObserving, openWorld } from "../world.ts";

export interface RecoverCliOptions extends ClusterOptions {
  readonly node?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly state?: string;
  readonly output: "text" | "json";
}

/**
 * `quorate recover`: cures a broken feed or cache; returns the exit code. Tests that kill a run between two entries of
 * its journal bring their own `openStore`.
 */
export async function recover(
  options: RecoverCliOptions,
  openStore: (directory: string) => RunStore = openSqliteRunStore,
): Promise<number> {
  if (options.yes !== true && options.dryRun !== true && !process.stdin.isTTY) {
    throw new CliError("there is no terminal to ask on: give --yes to act, or --dry-run to look");
  }
  const signal = interruptSignal(() =>
    say("stopping at the next safe moment; once more to stop at once (the journal keeps what was begun)"),
  );
  const directory = options.state ?? defaultStateDirectory();
  const store = options.dryRun === true ? lookAtSqliteRunStore(directory) : openStore(directory);
  try {
    const world = await openWorld(options);
    const observer = startObserver(world.nodes, systemClock);
    try {
      const context = { nodes: world.nodes, profile: world.profile, clock: systemClock, store, observer, signal, say };
      const end = await runRecover(context, {
        node: options.node ?? null,
        dryRun: options.dryRun ?? false,
        newId: randomUUID,
        actor: `quorate/${userName()}@${hostname()}`,
        confirm: (plan) => (options.yes === true ? Promise.resolve(true) : ask(plan, signal)),
      });
      report(end, options);
      return exitCodeOf(end, signal);
    } finally {
      await endObserving(observer, world);
    }
  } finally {
    store.close();
  }
}

/** One line of progress, beside the answer on stdout. */
function say(line: string): void {
  process.stderr.write(`${new Date().toISOString()}  ${plain(line)}\n`);
}

/** `/var/lib/quorate` for root, else the user's state directory (XDG Base Directory Specification). */
function defaultStateDirectory(): string {
  if (process.getuid?.() === 0) return "/var/lib/quorate";
  return join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state"), "quorate");
}

/** The login's name; a uid without an entry in the user database has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}

async function ask(plan: Plan, signal: AbortSignal): Promise<boolean> {
  const { cause, remedy } = plan;
  process.stderr.write(`${cause.node}, rung ${cause.rung}: ${plain(cause.verdict.message)}\n`);
  process.stderr.write(`Plan: restart ${remedy.action.unit} on ${cause.node}; ${remedy.why}.\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Do it? [y/N] ", { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}

function report(end: RecoverEnd, options: RecoverCliOptions): void {
  const document = recoverReport(end);
  if (options.output === "json") {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const canvas = canvasFor(process.stdout);
  if ("ladder" in end) process.stdout.write(`${drawMatrix(end.ladder, canvas)}\n\n`);
  const { result, message, refusals } = document;
  process.stdout.write(`${result.toUpperCase()}  ${plain(message)}\n`);
  for (const refusal of refusals) {
    process.stdout.write(`  refused by ${refusal.rule} (${refusal.reason}): ${plain(refusal.message)}\n`);
    process.stdout.write(`    next: ${plain(refusal.next)}\n`);
  }
}

function exitCodeOf(end: RecoverEnd, signal: AbortSignal): number {
  switch (end.end) {
    case "nothing-to-do":
      return EXIT_RECOVER.cured;
    case "undecided":
      return signal.aborted ? EXIT_INTERRUPTED : EXIT_RECOVER.unknown;
    case "for-people":
      return EXIT_RECOVER.escalated;
    case "planned":
      return end.plan.refusals.length === 0 ? EXIT_RECOVER.cured : EXIT_RECOVER.refused;
    case "declined":
      return signal.aborted ? EXIT_INTERRUPTED : EXIT_RECOVER.refused;
    case "ran":
      if (end.result === null) return signal.aborted ? EXIT_INTERRUPTED : EXIT_RECOVER.unknown;
      return EXIT_RECOVER[end.result];
  }
}
