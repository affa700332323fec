import { drawNodes, drawSeconds, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { slowWay } from "../ways.ts";

/**
 * Added to each way, in ms. etcd's own robustness tests delay by 75 ms; 600 ms there and as much back stay below raft's
 * election timeout of 3 s, so leadership survives it and only everything is slow.
 */
const EXTRA_MS = { min: 25, max: 600 } as const;

/** The packets of some nodes take longer, both ways: a full link, a rerouted tunnel, a WAN. */
export const packetDelay: Fault = {
  id: "packet-delay",
  title: "packets between nodes are late",
  breaks: "store",
  leaves: "nothing",
  suits: ({ nodes }) => nodes.length > 1,
  draw: (random, frame) =>
    planOf("packet-delay", random, frame, {
      nodes: drawNodes(random, frame.spec, random.between(1, frame.spec.nodes.length)),
      durationMs: drawSeconds(random, 5, 300),
      parameters: { extraMs: random.between(EXTRA_MS.min, EXTRA_MS.max) },
    }),
  start: (world, _quorate, plan) => {
    const extraMs = numberOf(plan, "extraMs");
    const names = world.nodes.map(({ name }) => name);
    const ways = names.flatMap((from) => names.map((to) => [from, to] as const));
    const slowed = ways.filter(([from, to]) => from !== to && (plan.nodes.includes(from) || plan.nodes.includes(to)));
    const heals = slowed.map(([from, to]) => slowWay(world, from, to, extraMs));
    return () => heals.forEach((heal) => heal());
  },
};
