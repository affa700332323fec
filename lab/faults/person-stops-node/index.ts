import { STOP_MARKER_PATH } from "../../world/units.ts";
import { UNITS } from "../../world/world.ts";
import { drawNode, drawSeconds, isSet, nodeOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/**
 * A person stops a node on purpose, for maintenance: `microk8s stop`, which leaves its mark, or only `systemctl stop`. What a
 * person stopped stays stopped until a person starts it.
 */
export const personStopsNode: Fault = {
  id: "person-stops-node",
  title: "a person stops a node, and starts it again later",
  breaks: "unit",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("person-stops-node", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 30, 600),
      parameters: { isMarked: random.chance(2, 3) },
    }),
  start: (world, _quorate, plan) => {
    const { host } = world.node(nodeOf(plan));
    if (!host.isUp) return () => undefined;
    if (isSet(plan, "isMarked")) host.files.set(STOP_MARKER_PATH, "");
    host.systemd.stop(UNITS.kubelite, "operator");
    host.systemd.stop(UNITS.datastore, "operator");
    return () => {
      host.files.delete(STOP_MARKER_PATH);
      if (!host.isUp) return;
      host.systemd.start(UNITS.datastore, "operator");
      host.systemd.start(UNITS.kubelite, "operator");
    };
  },
};
