import { band, exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";

const PASS_MS = 4000;

export const deadFeedSigns: Question<DeadFeed> = {
  id: "dead-feed-signs",
  asks: "what health endpoints and the datastore's own counters say above a dead feed",
  expected: {
    readyz: exact(200),
    livez: exact(200),
    healthz: exact(200),
    polls: exact(0),
    otherQueries: band(1, 10_000, "queries"),
    storeMoved: exact(true),
  },
  ask: async ({ world, node }) => {
    const [before, stored] = [await world.counters(node), await world.storeRevision(node)];
    await world.pass(PASS_MS);
    const [after, storedLater] = [await world.counters(node), await world.storeRevision(node)];
    const status = async (path: string) => (await world.ask(node, { path })).status;
    return {
      readyz: await status("/readyz"),
      livez: await status("/livez"),
      healthz: await status("/healthz"),
      polls: (after?.poll ?? NaN) - (before?.poll ?? NaN),
      otherQueries: (after?.other ?? NaN) - (before?.other ?? NaN),
      storeMoved: (storedLater ?? 0) > (stored ?? Infinity),
    };
  },
};
