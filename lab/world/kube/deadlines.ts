import type { Process } from "../process.ts";

/** One request's time. */
export interface Deadline {
  /** Answered, or out of time: nothing more is to be done for it. */
  isOver: boolean;
  /** What its calls to the datastore may take. */
  readonly limitMs: number;
}

interface Entry {
  readonly deadline: Deadline;
  readonly atMs: number;
  readonly expired: () => void;
}

/**
 * Deadlines that are all equally far away, of which hardly one is ever met: the first in the queue is the first to fall
 * due, so one timer serves them all.
 */
export function createDeadlines(process: Process, nowMs: () => number, limitMs: number) {
  const queue: Entry[] = [];
  let isArmed = false;

  function arm(): void {
    let over = 0;
    while (queue[over]?.deadline.isOver === true) over += 1;
    queue.splice(0, over);
    const first = queue[0];
    if (first === undefined) return;
    isArmed = true;
    process.after(first.atMs - nowMs(), () => {
      isArmed = false;
      if (!first.deadline.isOver) {
        first.deadline.isOver = true;
        first.expired();
      }
      arm();
    });
  }

  return {
    /** `expired` runs unless the deadline's `isOver` is set before. */
    add: (expired: () => void): Deadline => {
      const deadline = { isOver: false, limitMs };
      queue.push({ deadline, atMs: nowMs() + limitMs, expired });
      if (!isArmed) arm();
      return deadline;
    },
  };
}

export type Deadlines = ReturnType<typeof createDeadlines>;
