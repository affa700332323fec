import { drawNode, nodeOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { ROLES, signal } from "../units.ts";

/** SIGKILL of one unit's program; systemd starts it again by the unit's `Restart=`. */
export const processKill: Fault = {
  id: "process-kill",
  title: "one unit's process is killed",
  breaks: "unit",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("process-kill", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      parameters: { role: random.pick(ROLES) },
    }),
  start: (world, _quorate, plan) => {
    signal(world, nodeOf(plan), wordOf(plan, "role", ROLES), "KILL");
    return () => undefined;
  },
};
