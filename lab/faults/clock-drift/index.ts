import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { hold } from "../holds.ts";

/** Parts per million. Crystals drift by 10 to 100; an emulated timer under load by thousands (100 000 is 6 s a minute). */
const DRIFT_PPM = { min: 50, max: 100_000 } as const;

const MILLION = 1_000_000;

/** A node's clock runs fast or slow; when it is undone, NTP runs again and has set it right. */
export const clockDrift: Fault = {
  id: "clock-drift",
  title: "a node's clock runs fast or slow",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) => {
    const ppm = random.between(DRIFT_PPM.min, DRIFT_PPM.max);
    return planOf("clock-drift", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 60, 900),
      parameters: { ppm: random.chance(1, 2) ? ppm : -ppm },
    });
  },
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    const { clock } = world.node(node).host;
    const ppm = numberOf(plan, "ppm");
    const fromMs = world.sim.nowMs();
    return hold(
      world,
      `drift ${node}`,
      // A clock has one rate: while it drifts already, a second drift only lasts longer.
      (isFirst) => (isFirst ? clock.drift(ppm) : undefined),
      () => {
        clock.drift(0);
        clock.step(-Math.round(((world.sim.nowMs() - fromMs) * ppm) / MILLION));
      },
    );
  },
};
