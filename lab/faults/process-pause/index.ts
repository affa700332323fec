import { drawNode, drawSeconds, nodeOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { pauseUnit, ROLES } from "../units.ts";

/** From a hiccup to past every deadline: the poll's 20 s, the node lifecycle's 40 s, the KCM Lease's 60 s. */
const PAUSE_SECONDS = { min: 2, max: 90 } as const;

/** SIGSTOP of one unit's program, then SIGCONT: what a hypervisor, a debugger or a stalled disk does to it. */
export const processPause: Fault = {
  id: "process-pause",
  title: "one unit's process stands still for a while",
  breaks: "quorum",
  leaves: "remedy",
  suits: () => true,
  draw: (random, frame) =>
    planOf("process-pause", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, PAUSE_SECONDS.min, PAUSE_SECONDS.max),
      parameters: { role: random.pick(ROLES) },
    }),
  start: (world, _quorate, plan) => pauseUnit(world, nodeOf(plan), wordOf(plan, "role", ROLES)),
};
