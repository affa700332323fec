// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from "node:timers/promises";

/** Waits; an aborted signal ends the wait early and without an error. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

export type WaitOptions = {
  readonly timeoutMs: number;
  readonly everyMs?: number;
  /** Called when the deadline passes; its text goes into the error. */
  readonly explain?: () => Promise<string>;
};

/** Two cores are shared by three control planes: asking more often only slows down what we wait for. */
const POLL_MS = 250;

/**
 * Asks until the answer is something else than `undefined`, or fails at the deadline with the last error.
 * Errors of the question are expected while things start, so they only count at the end.
 */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const deadlineMs = performance.now() + options.timeoutMs;
  let lastError = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      lastError = "";
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() >= deadlineMs) break;
    await delay(options.everyMs ?? POLL_MS);
  }
  const explanation = options.explain === undefined ? "" : `\n${await options.explain()}`;
  const reason = lastError === "" ? "" : `: ${lastError}`;
  throw new Error(`${what}: not within ${Math.round(options.timeoutMs / 1000)} s${reason}${explanation}`);
}

/** The same for a plain condition. */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  options: WaitOptions,
): Promise<void> {
  await waitFor(what, async () => ((await condition()) ? true : undefined), options);
}
