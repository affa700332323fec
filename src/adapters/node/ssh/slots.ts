import type { Deadline } from "../../net/deadline.ts";

/** Lets at most so many things happen at once; the others wait their turn until their deadline. */
export interface Slots {
  /** Returns the function that gives the slot back (safe to call twice). Throws TapError `deadline`. */
  take(deadline: Deadline, what: string): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  /** Hands the slot to the next in line, or puts it back. */
  function passOn(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
  return {
    async take(deadline, what) {
      if (free > 0) {
        free -= 1;
        return onlyOnce(passOn);
      }
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      try {
        await deadline.hold(turn.promise, `${what} (waiting for a free ssh session)`);
      } catch (error) {
        const place = waiting.indexOf(turn.resolve);
        if (place >= 0) waiting.splice(place, 1);
        // Our turn came in the same instant as our deadline.
        else passOn();
        throw error;
      }
      return onlyOnce(passOn);
    },
  };
}

function onlyOnce(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
