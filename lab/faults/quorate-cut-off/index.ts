import { OPERATOR_MACHINE } from "../../world/world.ts";
import { drawNodes, drawSeconds, numberOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { cutBothWays, slowWay } from "../ways.ts";

const HOWS = ["cut", "slow"] as const;

/** Added to each way, in ms: a VPN over a bad line. There and back it stays below the shortest deadline of a tap, 1.5 s. */
const EXTRA_MS = { min: 50, max: 600 } as const;

/**
 * The way between the operator's machine, where Quorate runs, and some nodes is cut or slow. The cluster itself does not
 * notice: whatever is called broken for it is a false finding. A Quorate that runs on a node has no such way.
 */
export const quorateCutOff: Fault = {
  id: "quorate-cut-off",
  title: "Quorate's own way to some nodes is cut or slow",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("quorate-cut-off", random, frame, {
      nodes: drawNodes(random, frame.spec, random.between(1, frame.spec.nodes.length)),
      durationMs: drawSeconds(random, 2, 180),
      parameters: { how: random.pick(HOWS), extraMs: random.between(EXTRA_MS.min, EXTRA_MS.max) },
    }),
  start: (world, quorate, plan) => {
    if (quorate.place !== OPERATOR_MACHINE) return () => undefined;
    const isCut = wordOf(plan, "how", HOWS) === "cut";
    const extraMs = numberOf(plan, "extraMs");
    const heals = plan.nodes.flatMap((node) =>
      isCut
        ? [cutBothWays(world, OPERATOR_MACHINE, node)]
        : [slowWay(world, OPERATOR_MACHINE, node, extraMs), slowWay(world, node, OPERATOR_MACHINE, extraMs)],
    );
    return () => heals.forEach((heal) => heal());
  },
};
