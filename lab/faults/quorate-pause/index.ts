import { drawSeconds, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** A laptop's lid, a stopped virtual machine: up to past the restart lock's quarter of an hour. */
const PAUSE_SECONDS = { min: 1, max: 1000 } as const;

/** Quorate stands still at any instant and goes on later: what it saw is old by then, and its lock may be somebody else's. */
export const quoratePause: Fault = {
  id: "quorate-pause",
  title: "Quorate stands still for a while",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("quorate-pause", random, frame, {
      durationMs: drawSeconds(random, PAUSE_SECONDS.min, PAUSE_SECONDS.max),
    }),
  start: (_world, quorate) => {
    quorate.pause();
    return () => quorate.resume();
  },
};
