import { drawNode, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** How much of the journal is kept, in ms: from everything gone to the last ten minutes. */
const KEPT_MS_MAX = 600_000;

/** journald rotates and vacuums: what was read from the journal a moment ago is not there any more. */
export const journalRotation: Fault = {
  id: "journal-rotation",
  title: "a node's journal is rotated away",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("journal-rotation", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      parameters: { keptMs: random.chance(1, 3) ? 0 : random.between(0, KEPT_MS_MAX) },
    }),
  start: (world, _quorate, plan) => {
    const { host } = world.node(nodeOf(plan));
    if (host.isUp) host.journal.rotate(numberOf(plan, "keptMs"));
    return () => undefined;
  },
};
