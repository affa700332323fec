import { drawNode, drawSeconds, nodeOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { hold } from "../holds.ts";

/** The program of the apiserver's process in MicroK8s. */
const PROGRAM = "kubelite";

/**
 * What the datastore sends on the apiserver's Watch streams of one node is held back, while pings and unary calls pass:
 * nothing in Kubernetes has a timeout for a silent stream. Let go, everything arrives at once.
 */
export const watchStreamsHeld: Fault = {
  id: "watch-streams-held",
  title: "the apiserver's watch streams of a node are held back",
  breaks: "cache",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("watch-streams-held", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 10, 600),
    }),
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    let letGo: (() => void) | undefined;
    return hold(
      world,
      `streams ${node}`,
      (isFirst) => {
        if (isFirst) letGo = world.node(node).datastore.holdStreams?.(PROGRAM);
      },
      () => letGo?.(),
    );
  },
};
