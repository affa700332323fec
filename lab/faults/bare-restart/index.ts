import { drawNode, nodeOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { restartUnit, ROLES } from "../units.ts";

/** An operator's `systemctl restart` on one node, without asking anybody. */
export const bareRestart: Fault = {
  id: "bare-restart",
  title: "an operator restarts one unit by hand",
  breaks: "unit",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("bare-restart", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      parameters: { role: random.pick(ROLES) },
    }),
  start: (world, _quorate, plan) => {
    restartUnit(world, nodeOf(plan), wordOf(plan, "role", ROLES), "operator");
    return () => undefined;
  },
};
