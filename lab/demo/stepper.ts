import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Waits for Enter, again and again. */
export interface Stepper {
  readonly next: () => Promise<void>;
  readonly close: () => void;
}

/** Where the input has ended, nobody is waited for. `ask`: null where nobody sees it. */
export function createStepper(input: Readable, ask: ((text: string) => void) | null, signal: AbortSignal): Stepper {
  const lines = createInterface({ input });
  let waiting: (() => void) | null = null;
  let early = 0;
  let isOver = false;
  const go = (): void => {
    const next = waiting;
    waiting = null;
    next?.();
  };
  lines.on("line", () => {
    if (waiting === null) early += 1;
    else go();
  });
  lines.on("close", () => {
    isOver = true;
    go();
  });
  signal.addEventListener("abort", () => lines.close(), { once: true });
  return {
    next: () => {
      if (early > 0) {
        early -= 1;
        return Promise.resolve();
      }
      if (isOver) return Promise.resolve();
      ask?.("\n  Enter: the next chapter ");
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    close: () => lines.close(),
  };
}
