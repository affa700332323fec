import { slowDiskOf } from "../../faults/disks.ts";
import { startStorm } from "../../faults/write-storm/storm.ts";
import type { Drill } from "../drill.ts";
import { afterCalm, createSignal } from "./nodes.ts";

const STORM_MS = { min: 150_000, max: 240_000 } as const;
const PER_SECOND = 6;
const SYNC_MS = 60;

/** Writes contend for a few minutes. Everything looks alarming, nothing is broken, and a restart would add to it. */
export const contention: Drill = {
  id: "contention",
  title: "the writer is contended, and the right act is to wait",
  briefing: "The journals are full of `database is locked`, and somebody has already proposed to restart k8s-dqlite.",
  limitMs: 1_200_000,
  workload: "small",
  endsWhenWell: true,
  begin: (world, random) => {
    const nodes = world.nodes.map(({ name }) => name);
    const broken = createSignal();
    let isOver = false;
    afterCalm(world, random, () => {
      const ends = [
        ...nodes.map((node) => slowDiskOf(world, node, SYNC_MS)),
        startStorm(world, nodes, { perSecond: PER_SECOND, asEvents: false }),
      ];
      broken.give();
      world.sim.after(random.between(STORM_MS.min, STORM_MS.max), () => {
        for (const end of ends) end();
        isOver = true;
      });
    });
    return {
      answer: { causes: nodes.map((node) => ({ rung: "store", node })), restart: null, staysStopped: null },
      broken: broken.on,
      isOver: () => isOver,
    };
  },
  best: () =>
    "quorate doctor shows the store degraded (writer-contended) and names no cause: wait, find who writes, and restart nothing. The guard refuses restarts until no write has failed for 5 min.",
};
