import { EXIT_INTERRUPTED } from "./exit-codes.ts";

/**
 * Ctrl-C and TERM as an AbortSignal. The first one asks the command to stop at a moment at which nothing is half done;
 * a second one ends the process at once, which is as safe as a kill: whatever was begun stands in the journal.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(EXIT_INTERRUPTED);
    onFirst();
    abort.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return abort.signal;
}
