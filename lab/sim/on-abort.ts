/** Who waits for the abort of a signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Runs `run` when the signal aborts, unless the returned function is called before. One listener for each signal, not for
 * each sleep: an observer sleeps some hundred times a second, and a listener of Node's costs more than such a sleep.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  let runs = waiting.get(signal);
  if (runs === undefined) {
    const all = new Set<() => void>();
    waiting.set(signal, (runs = all));
    signal.addEventListener(
      "abort",
      () => {
        waiting.delete(signal);
        for (const each of all) each();
      },
      { once: true },
    );
  }
  const own = runs;
  own.add(run);
  return () => void own.delete(run);
}
