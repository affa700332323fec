import { drawNode, drawSeconds, nodeOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { UNITS } from "../../world/world.ts";

/** snapd stops the services, mounts the new revision, copies the data and starts them: half a minute to two. */
const DOWN_SECONDS = { min: 20, max: 120 } as const;

/** snapd refreshes MicroK8s on one node: both units are stopped, and started again from the new revision. */
export const snapRefresh: Fault = {
  id: "snap-refresh",
  title: "snapd refreshes MicroK8s on a node",
  breaks: "unit",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("snap-refresh", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, DOWN_SECONDS.min, DOWN_SECONDS.max),
    }),
  start: (world, _quorate, plan) => {
    const { host } = world.node(nodeOf(plan));
    if (!host.isUp) return () => undefined;
    host.systemd.stop(UNITS.kubelite, "snapd");
    host.systemd.stop(UNITS.datastore, "snapd");
    return () => {
      if (!host.isUp) return;
      host.systemd.start(UNITS.datastore, "snapd");
      host.systemd.start(UNITS.kubelite, "snapd");
    };
  },
};
