import { STOP_MARKER_PATH } from "../../world/units.ts";
import { UNITS } from "../../world/world.ts";
import type { Drill } from "../drill.ts";
import { afterCalm, createSignal } from "./nodes.ts";

/** A colleague stopped a node for maintenance; it must stay stopped. */
export const stoppedNode: Drill = {
  id: "stopped-node",
  title: "a node that a person stopped must stay stopped",
  briefing: "A node is NotReady. Find out why, do what is right, and say `quorate drill done`.",
  limitMs: 900_000,
  workload: "small",
  endsWhenWell: false,
  begin: (world, random) => {
    const { name: node, host } = random.pick(world.nodes);
    const broken = createSignal();
    afterCalm(world, random, () => {
      host.files.set(STOP_MARKER_PATH, "");
      host.systemd.stop(UNITS.kubelite, "colleague");
      host.systemd.stop(UNITS.datastore, "colleague");
      broken.give();
    });
    return {
      answer: { causes: [{ rung: "unit", node }], restart: null, staysStopped: node },
      broken: broken.on,
      isOver: () => true,
    };
  },
  best: ({ staysStopped }) =>
    `quorate doctor names rung unit of ${staysStopped} (stopped on purpose: microk8s stop left its mark). What a person stopped stays stopped: ask who it was, and restart no other voter meanwhile.`,
};
