import { band, exact, oneOf, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";

export const pause26: Question<DeadFeed> = {
  id: "pause-26",
  asks: "whose feeds a leader's pause of 26 s ends, and what a cache answers meanwhile",
  expected: {
    deadFeeds: oneOf(1, 2),
    pausedOnesOwnDied: exact(false),
    ledByAnother: exact(true),
    restartedKubelites: exact(0),
    cachedStatus: exact(200),
    cachedMs: band(0, 500),
  },
  ask: ({ pause: { dead, paused, restarted, ledMeanwhile, cachedMeanwhile } }) =>
    Promise.resolve({
      deadFeeds: dead.length,
      pausedOnesOwnDied: dead.includes(paused),
      ledByAnother: ledMeanwhile !== null && ledMeanwhile !== paused,
      restartedKubelites: restarted.length,
      cachedStatus: cachedMeanwhile.status,
      cachedMs: cachedMeanwhile.ms,
    }),
};
