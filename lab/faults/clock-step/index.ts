import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** A virtual machine that was restored from a snapshot, or a time zone set as UTC: up to two hours either way. */
const STEP_SECONDS = { min: 1, max: 7200 } as const;

/** A node's clock jumps; when it is undone, NTP has set it right again by a jump back. */
export const clockStep: Fault = {
  id: "clock-step",
  title: "a node's clock jumps",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) => {
    const byMs = drawSeconds(random, STEP_SECONDS.min, STEP_SECONDS.max);
    return planOf("clock-step", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 10, 600),
      parameters: { byMs: random.chance(1, 2) ? byMs : -byMs },
    });
  },
  start: (world, _quorate, plan) => {
    const { clock } = world.node(nodeOf(plan)).host;
    const byMs = numberOf(plan, "byMs");
    clock.step(byMs);
    return () => clock.step(-byMs);
  },
};
