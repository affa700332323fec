import type { Sim } from "../../sim/sim.ts";

/** Many deadlines of a few lengths, nearly all of which are called off: one timer for each length, not for each deadline. */
export interface Deadlines {
  /** Runs after `ms` unless the returned function is called before. */
  add(ms: number, run: () => void): () => void;
}

interface Entry {
  readonly atMs: number;
  run: (() => void) | null;
}

export function createDeadlines(sim: Sim): Deadlines {
  /** By length, in the order of their making, which is that of their falling due. */
  const queues = new Map<number, Queue>();
  return {
    add: (ms, run) => {
      let queue = queues.get(ms);
      if (queue === undefined) queues.set(ms, (queue = { entries: [], first: 0, isTimed: false }));
      const entry: Entry = { atMs: sim.nowMs() + ms, run };
      queue.entries.push(entry);
      arm(sim, queue);
      return () => {
        entry.run = null;
        drop(queue);
      };
    },
  };
}

interface Queue {
  entries: Entry[];
  /** What is before it is over. */
  first: number;
  isTimed: boolean;
}

/** Gives back the room of what is over before it is worth less than keeping it. */
const OVER_MAX = 64;

/** Lets go of those at the front that were called off. */
function drop(queue: Queue): void {
  while (queue.entries[queue.first]?.run === null) queue.first += 1;
  if (queue.first < OVER_MAX) return;
  queue.entries = queue.entries.slice(queue.first);
  queue.first = 0;
}

function arm(sim: Sim, queue: Queue): void {
  const next = queue.entries[queue.first];
  if (next === undefined || queue.isTimed) return;
  queue.isTimed = true;
  sim.after(next.atMs - sim.nowMs(), () => {
    queue.isTimed = false;
    for (;;) {
      const entry = queue.entries[queue.first];
      if (entry === undefined || entry.atMs > sim.nowMs()) break;
      queue.first += 1;
      const { run } = entry;
      entry.run = null;
      run?.();
    }
    drop(queue);
    arm(sim, queue);
  });
}
