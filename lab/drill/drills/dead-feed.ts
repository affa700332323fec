import { cutBothWays } from "../../faults/ways.ts";
import type { Drill } from "../drill.ts";
import { afterCalm, createSignal, drawFollower } from "./nodes.ts";

/** Past the poll's deadline of 20 s, and short of the 30 s after which the controllers would give their Lease up. */
const STALL_MS = 24_000;
const LOOK_MS = 500;

/** A stall of one node's dqlite port kills its watch feed, and is over when the person begins to look. */
export const deadFeed: Drill = {
  id: "dead-feed",
  title: "a node's watch feed dies without a line",
  briefing:
    "Developers say that what they apply is accepted, and that nothing comes of it. The health checks are green.",
  limitMs: 1_800_000,
  workload: "small",
  endsWhenWell: true,
  begin: (world, random) => {
    const node = drawFollower(world, random);
    const others = world.nodes.filter(({ name }) => name !== node);
    const { datastore } = world.node(node);
    const broken = createSignal();
    let isOver = false;
    const watch = (): void => {
      if (datastore.port.listener !== null && !datastore.isPollAlive()) return broken.give();
      world.sim.after(LOOK_MS, watch);
    };
    afterCalm(world, random, () => {
      const heals = others.map(({ name }) => cutBothWays(world, node, name));
      world.sim.after(STALL_MS, () => {
        for (const heal of heals) heal();
        isOver = true;
      });
      watch();
    });
    return {
      answer: { causes: [{ rung: "feed", node }], restart: { node, role: "datastore" }, staysStopped: null },
      broken: broken.on,
      isOver: () => isOver,
    };
  },
  best: ({ restart }) =>
    `quorate doctor names rung feed of ${restart?.node} within 10 s; quorate recover --node ${restart?.node} restarts its k8s-dqlite, and nothing else, and proves the cure. Restarting kubelite on a dead feed makes it worse.`,
};
