import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { RELEASES } from "../../world/releases.ts";
import { pauseUnit } from "../units.ts";
import { writeConfigMaps } from "./writes.ts";

/**
 * How many ConfigMaps are written while the reader stands still. Measured on real nodes: 703 writes of 40 kB within 150 s
 * filled one stream's 100 slots and what gRPC buffers in front of them. A poll a second brings what other nodes wrote, so
 * 100 slots take at least 100 s.
 */
const WRITES = { min: 500, max: 800 } as const;
const PAUSE_SECONDS = { min: 120, max: 180 } as const;

/**
 * One node's apiserver stands still while one resource is written busily elsewhere: that resource's watch stream on that
 * node fills up, is dropped by the datastore, and stays open and mute. Everything else is alive.
 */
export const streamChannelFull: Fault = {
  id: "stream-channel-full",
  title: "one resource's watch stream overflows and stays mute",
  breaks: "cache",
  leaves: "remedy",
  suits: ({ nodes, release }) => nodes.length > 1 && RELEASES[release].streamSlots !== null,
  draw: (random, frame) =>
    planOf("stream-channel-full", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, PAUSE_SECONDS.min, PAUSE_SECONDS.max),
      parameters: { writes: random.between(WRITES.min, WRITES.max), bytes: random.between(30_000, 60_000) },
    }),
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    const resume = pauseUnit(world, node, "kubelite");
    const through = world.nodes.filter(({ name, host }) => name !== node && host.isUp).map(({ name }) => name);
    const everyMs = Math.max(1, Math.floor(plan.durationMs / numberOf(plan, "writes")));
    const stop = writeConfigMaps(world, through, { everyMs, bytes: numberOf(plan, "bytes") });
    return () => {
      stop();
      resume();
    };
  },
};
