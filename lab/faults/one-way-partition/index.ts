import { drawNodes, drawSeconds, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { cutWay } from "../ways.ts";

const DIRECTIONS = ["from", "to"] as const;

/** One node's packets are lost in one direction only: a broken port, a firewall rule for one chain. */
export const oneWayPartition: Fault = {
  id: "one-way-partition",
  title: "a node is cut off in one direction",
  breaks: "quorum",
  leaves: "remedy",
  suits: ({ nodes }) => nodes.length > 1,
  draw: (random, frame) =>
    planOf("one-way-partition", random, frame, {
      nodes: drawNodes(random, frame.spec, 1),
      durationMs: drawSeconds(random, 2, 180),
      parameters: { direction: random.pick(DIRECTIONS) },
    }),
  start: (world, _quorate, plan) => {
    const isFrom = wordOf(plan, "direction", DIRECTIONS) === "from";
    const others = world.nodes.filter(({ name }) => !plan.nodes.includes(name));
    const heals = plan.nodes.flatMap((node) =>
      others.map(({ name }) => (isFrom ? cutWay(world, node, name) : cutWay(world, name, node))),
    );
    return () => heals.forEach((heal) => heal());
  },
};
