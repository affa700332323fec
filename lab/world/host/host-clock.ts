import type { Sim } from "../../sim/sim.ts";
import type { HostClock } from "./host.ts";

const PPM = 1_000_000;

/** A host's own clock: true time, moved by its steps and its drift. Whole ms; between two steps it never goes back. */
export function createHostClock(sim: Sim): HostClock {
  let offsetMs = 0;
  let ppm = 0;
  let driftsSinceMs = sim.nowMs();
  const drifted = () => Math.floor(((sim.nowMs() - driftsSinceMs) * ppm) / PPM);
  return {
    nowMs: () => (ppm === 0 ? sim.nowMs() + offsetMs : sim.nowMs() + offsetMs + drifted()),
    step: (byMs) => {
      offsetMs += Math.round(byMs);
    },
    drift: (newPpm) => {
      if (!(newPpm > -PPM)) throw new RangeError(`a clock that drifts by ${newPpm} ppm would go back`);
      offsetMs += drifted();
      driftsSinceMs = sim.nowMs();
      ppm = newPpm;
    },
  };
}
