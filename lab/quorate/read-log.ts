import type { Reading } from "../../src/core/model/observed.ts";
import type { Sim } from "../sim/sim.ts";
import type { ReadLog, ReadNote } from "./events.ts";

/** Notes what the taps of one Quorate process answered last. */
export interface ReadNotes {
  readonly log: ReadLog;
  /** Hands the reading on and notes it. */
  note<T>(key: string, read: Promise<Reading<T>>): Promise<Reading<T>>;
}

export function createReadNotes(sim: Sim): ReadNotes {
  const log = new Map<string, ReadNote>();
  return {
    log,
    note: async (key, read) => {
      const beganAtMs = sim.nowMs();
      const reading = await read;
      const value = reading.known ? reading.value : reading.reason;
      log.set(key, { beganAtMs, endedAtMs: sim.nowMs(), known: reading.known, value });
      return reading;
    },
  };
}
