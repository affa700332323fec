import type { Child } from "./child.ts";
import { endGroup, signalGroup, TERM_GRACE_MS } from "./child.ts";

/**
 * After the program itself has ended, how long its pipes may still deliver. Data already written arrives within
 * milliseconds; only a grandchild that inherited the pipes keeps them open, and it is ended with the group.
 */
const DRAIN_MS = 250;

/** The end of a child, as a promise, and the only way to bring it about. */
export interface Ending {
  /**
   * The exit code; null after a signal or when it was given up. Resolves when the program has ended and its pipes
   * are drained (with `keepStdout`, when it has ended: the reader drains). Never rejects.
   */
  readonly ended: Promise<number | null>;
  /** TERM to the group, KILL after the grace, then `ended` resolves whatever happens. Safe to call twice. */
  stop(): void;
}

/** Watches a child that was just started. */
export function watchEnding(child: Child, options: { readonly keepStdout?: boolean } = {}): Ending {
  let code: number | null = null;
  let stopping = false;
  const timers: NodeJS.Timeout[] = [];
  const end = Promise.withResolvers<number | null>();
  function finish(): void {
    for (const timer of timers) clearTimeout(timer);
    child.stdin.destroy();
    child.stderr.destroy();
    if (options.keepStdout !== true || stopping) child.stdout.destroy();
    child.unref();
    end.resolve(code);
  }
  child.once("close", finish);
  child.once("exit", (exitCode) => {
    code = exitCode;
    // What was asked to stop has nothing more to say; over ssh the master may hold its pipes for long.
    timers.push(setTimeout(endLeftovers, stopping ? 0 : DRAIN_MS));
  });
  function endLeftovers(): void {
    // The leader of the group is gone, and yet somebody holds its pipes: a child that it left behind.
    if (options.keepStdout !== true) signalGroup(child, "SIGKILL");
    finish();
  }
  function stop(): void {
    if (stopping) return;
    stopping = true;
    const callOffKill = endGroup(child);
    child.once("exit", callOffKill);
    // A process in uninterruptible sleep, or one of root that we may not signal, is given up.
    timers.push(setTimeout(finish, 2 * TERM_GRACE_MS));
  }
  return { ended: end.promise, stop };
}
