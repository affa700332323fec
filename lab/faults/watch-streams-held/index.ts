import { drawNode, drawSeconds, nodeOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { hold } from "../holds.ts";

/** The apiserver's process as systemd names it in MicroK8s: kubelite, which holds kubelet and controllers too. */
const PROGRAM = "microk8s.daemon-kubelite";

/** Of the apiserver alone; a plan by hand may have those of everybody who watches there, Quorate included: then the feed is broken. */
const WHOSE = ["apiserver", "all"] as const;

/**
 * What one node's datastore sends on Watch streams is held back, while pings and unary calls pass:
 * nothing in Kubernetes has a timeout for a silent stream. Let go, everything arrives at once.
 */
export const watchStreamsHeld: Fault = {
  id: "watch-streams-held",
  title: "watch streams of a node are held back",
  breaks: "cache",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("watch-streams-held", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 10, 600),
      parameters: { whose: "apiserver" },
    }),
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    const whose = wordOf(plan, "whose", WHOSE);
    const { datastore } = world.node(node);
    let letGo: (() => void) | undefined;
    return hold(
      world,
      `streams ${node} ${whose}`,
      (isFirst) => {
        if (isFirst) letGo = whose === "all" ? datastore.holdWatches() : datastore.holdStreams?.(PROGRAM);
      },
      () => letGo?.(),
    );
  },
};
