import type { Prng } from "../../sim/prng.ts";
import type { Sim } from "../../sim/sim.ts";

/** How long to wait before trying again. */
export interface Backoff {
  nextMs(): number;
}

/** client-go reflector.go: from 800 ms, doubled up to 30 s, from the start again after 2 quiet minutes, up to 100 % more. */
const FIRST_MS = 800;
const MOST_MS = 30_000;
const RESET_MS = 120_000;

export function createBackoff(sim: Sim, draws: Prng): Backoff {
  let waitMs = FIRST_MS;
  let lastAtMs = sim.nowMs();
  return {
    nextMs: () => {
      if (sim.nowMs() - lastAtMs > RESET_MS) waitMs = FIRST_MS;
      lastAtMs = sim.nowMs();
      const drawnMs = waitMs + draws.between(0, waitMs);
      waitMs = Math.min(MOST_MS, waitMs * 2);
      return drawnMs;
    },
  };
}
