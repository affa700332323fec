import { exact, type Question } from "../question.ts";
import type { Pause } from "../scenes/pause.ts";
import { kcmHolder } from "../ways.ts";

export const pause12: Question<Pause> = {
  id: "pause-12",
  asks: "what a leader's pause of 12 s does to the feeds and the controllers",
  expected: { deadFeeds: exact(0), ledByAnother: exact(true), restartedKubelites: exact(0), kcmIsHeld: exact(true) },
  ask: async ({ world, dead, paused, restarted, ledMeanwhile }) => ({
    deadFeeds: dead.length,
    ledByAnother: ledMeanwhile !== null && ledMeanwhile !== paused,
    restartedKubelites: restarted.length,
    kcmIsHeld: (await kcmHolder(world)) !== "",
  }),
};
