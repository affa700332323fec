import { exact, oneOf, type Question } from "../question.ts";
import type { Pause } from "../scenes/pause.ts";

export const pause30: Question<Pause> = {
  id: "pause-30",
  asks: "whose feeds a leader's pause of 30 s ends, and how many controllers lose their Lease by it",
  expected: {
    deadFeeds: oneOf(1, 2),
    pausedOnesOwnDied: exact(false),
    // 30 s is the renew deadline itself: either happens. The lab has a scheduler too, which may lead on another node.
    restartedKubelites: oneOf(0, 1, 2),
  },
  ask: ({ dead, paused, restarted }) =>
    Promise.resolve({
      deadFeeds: dead.length,
      pausedOnesOwnDied: dead.includes(paused),
      restartedKubelites: restarted.length,
    }),
};
