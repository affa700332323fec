import type { Sim } from "../../sim/sim.ts";

/** systemd's DefaultStartLimitIntervalSec= and DefaultStartLimitBurst=; snapd sets no others. */
const INTERVAL_MS = 10_000;
const BURST = 5;

/** systemd's rate limit of starts, automatic or not: a window begins with its first start. */
export interface StartLimit {
  /** Counts a start; false when it is one too many. */
  allows(): boolean;
  forget(): void;
}

export function createStartLimit(sim: Sim): StartLimit {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let starts = 0;
  return {
    allows: () => {
      if (beganAtMs + INTERVAL_MS < sim.nowMs()) {
        beganAtMs = sim.nowMs();
        starts = 0;
      }
      starts += 1;
      return starts <= BURST;
    },
    forget: () => {
      beganAtMs = Number.NEGATIVE_INFINITY;
      starts = 0;
    },
  };
}
