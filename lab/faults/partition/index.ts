import { drawNodes, drawSeconds, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { cutBothWays } from "../ways.ts";

/** A group of nodes and the others do not reach each other; the operator's machine reaches all of them. */
export const partition: Fault = {
  id: "partition",
  title: "a group of nodes is cut off from the others",
  breaks: "quorum",
  leaves: "remedy",
  suits: ({ nodes }) => nodes.length > 1,
  draw: (random, frame) => {
    const count = random.between(1, Math.max(1, frame.spec.nodes.length - 1));
    return planOf("partition", random, frame, {
      nodes: drawNodes(random, frame.spec, count),
      durationMs: drawSeconds(random, 2, 180),
    });
  },
  start: (world, _quorate, plan) => {
    const others = world.nodes.filter(({ name }) => !plan.nodes.includes(name));
    const heals = plan.nodes.flatMap((node) => others.map(({ name }) => cutBothWays(world, node, name)));
    return () => heals.forEach((heal) => heal());
  },
};
