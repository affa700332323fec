import { drawSeconds, isSet, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { slowDiskOf } from "../disks.ts";
import { startStorm } from "./storm.ts";

/**
 * Writes a second through each node's apiserver. One node alone barely contends (its datastore writes in batches); three
 * that write at once do. etcd's own `check perf` calls 150 a second of all clients a small load.
 */
const WRITES_PER_SECOND = { min: 5, max: 60 } as const;

/**
 * What an fsync takes meanwhile, in ms. A disk that is idle otherwise takes such a storm without a failed write (three
 * nodes have three transactions at a time); the storms of the field come with upgrades, image pulls and logs.
 */
const SYNC_MS = { min: 2, max: 1000 } as const;

/** Every controller writes at once, through every node: what follows a restart of kubelite, a rollout, a job backlog. */
export const writeStorm: Fault = {
  id: "write-storm",
  title: "a storm of writes through every node",
  breaks: "store",
  leaves: "remedy",
  suits: () => true,
  draw: (random, frame) =>
    planOf("write-storm", random, frame, {
      nodes: frame.spec.nodes.map(({ name }) => name),
      durationMs: drawSeconds(random, 20, 240),
      parameters: {
        perSecond: random.between(WRITES_PER_SECOND.min, WRITES_PER_SECOND.max),
        asEvents: random.chance(1, 2),
        syncMs: random.between(SYNC_MS.min, SYNC_MS.max),
      },
    }),
  start: (world, _quorate, plan) => {
    const ends = [
      ...plan.nodes.map((node) => slowDiskOf(world, node, numberOf(plan, "syncMs"))),
      startStorm(world, plan.nodes, { perSecond: numberOf(plan, "perSecond"), asEvents: isSet(plan, "asEvents") }),
    ];
    return () => ends.forEach((end) => end());
  },
};
