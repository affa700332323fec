import type { Process } from "../process.ts";

/** What a task waits for: it starts something that resumes the task with its outcome. */
export type Pending = (resume: (outcome: unknown) => void) => void;

/**
 * Several steps in virtual time, one after another, written as one function (`yield*`). Synchronous between its waits;
 * a task whose process ended is simply never resumed.
 */
export type Task<T = void> = Generator<Pending, T, unknown>;

/** Waits for the one call of `done`. */
export function* until<T>(start: (done: (value: T) => void) => void): Task<T> {
  return (yield start) as T;
}

/** Waits some of the process's life. */
export function* pause(process: Process, delayMs: number): Task {
  yield* until<void>((done) => process.after(delayMs, done));
}

/** Starts a task; `done` gets what it returns. */
export function runTask<T>(task: Task<T>, done?: (value: T) => void): void {
  const step = (outcome: unknown): void => {
    const next = task.next(outcome);
    if (next.done === true) done?.(next.value);
    else next.value(step);
  };
  step(undefined);
}
