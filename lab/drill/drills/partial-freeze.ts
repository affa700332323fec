import type { Drill } from "../drill.ts";
import { afterCalm, createSignal } from "./nodes.ts";

/** Resources that the small workload's controllers write now and then. */
const PREFIXES = ["/registry/pods/", "/registry/jobs/", "/registry/leases/"] as const;

/** One resource's watch stream on one node is open and mute, as after its channel was full; all else is fresh. */
export const partialFreeze: Drill = {
  id: "partial-freeze",
  title: "one resource's watch cache freezes on one node",
  briefing:
    "One team says that the cluster shows them old things, the others see nothing. It depends on whom they ask.",
  limitMs: 1_800_000,
  workload: "pir",
  endsWhenWell: true,
  begin: (world, random) => {
    const { name: node } = random.pick(world.nodes);
    const prefix = random.pick(PREFIXES);
    const broken = createSignal();
    afterCalm(world, random, () => {
      world.node(node).datastore.mute(prefix);
      broken.give();
    });
    return {
      answer: { causes: [{ rung: "cache", node }], restart: { node, role: "datastore" }, staysStopped: null },
      broken: broken.on,
      isOver: () => true,
    };
  },
  best: ({ restart }) =>
    `quorate doctor names rung cache of ${restart?.node} with the one resource; quorate recover --node ${restart?.node} restarts its k8s-dqlite alone, and the running apiserver opens the watch anew.`,
};
