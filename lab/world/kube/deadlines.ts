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

/** Gives back the room of what is over before it is worth less than keeping it. */
const OVER_MAX = 64;

/**
 * Deadlines that are all equally far away, of which hardly one is ever met: the first in the queue is the first to fall
 * due, so one timer serves them all. What is over leaves with the next one that comes, so that a request that was
 * answered is not kept for a minute.
 */
export function createDeadlines(process: Process, nowMs: () => number, limitMs: number) {
  let queue: Entry[] = [];
  /** What is before it has left. */
  let first = 0;
  let isArmed = false;

  function dropOver(): void {
    while (queue[first]?.deadline.isOver === true) first += 1;
    if (first < OVER_MAX) return;
    queue = queue.slice(first);
    first = 0;
  }

  function arm(): void {
    dropOver();
    const next = queue[first];
    if (next === undefined || isArmed) return;
    isArmed = true;
    process.after(next.atMs - nowMs(), () => {
      isArmed = false;
      // All of the same instant: another one may have come to the front.
      for (let due = queue[first]; due !== undefined && due.atMs <= nowMs(); due = queue[first]) {
        first += 1;
        if (due.deadline.isOver) continue;
        due.deadline.isOver = true;
        due.expired();
      }
      arm();
    });
  }

  return {
    /** `expired` runs unless the deadline's `isOver` is set before. */
    add: (expired: () => void): Deadline => {
      const deadline = { isOver: false, limitMs };
      queue.push({ deadline, atMs: nowMs() + limitMs, expired });
      arm();
      return deadline;
    },
  };
}

export type Deadlines = ReturnType<typeof createDeadlines>;
