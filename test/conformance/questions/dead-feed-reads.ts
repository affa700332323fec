import { band, exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";
import { createConfigMap, get, KCM_LEASE, LEASES, list, newName } from "../ways.ts";

export const deadFeedReads: Question<DeadFeed> = {
  id: "dead-feed-reads",
  asks: "what reads and writes through an apiserver show above a dead feed",
  expected: {
    cacheMoved: exact(0),
    cacheMs: band(0, 500),
    latestIsAsNewAsTheStore: exact(true),
    latestMs: band(2900, 3600),
    cachedObjectIsOld: exact(true),
    storedObjectIsFresh: exact(true),
    storedObjectMs: band(0, 1000),
    writeStatus: exact(201),
    writeMs: band(0, 1500),
  },
  ask: async ({ world, node }) => {
    // Asks the stream for progress: once, it may say a little more than it had events for.
    await list(world, node, LEASES, "store");
    const first = await list(world, node, LEASES, "cache");
    await world.pass(4000);
    const stored = (await world.storeRevision(node)) ?? Infinity;
    const latest = await list(world, node, LEASES, "store");
    const again = await list(world, node, LEASES, "cache");
    const [cachedObject, storedObject] = [
      await get(world, node, KCM_LEASE, "cache"),
      await get(world, node, KCM_LEASE, "store"),
    ];
    const write = await createConfigMap(world, node, newName(world));
    return {
      cacheMoved: again.revision - first.revision,
      cacheMs: Math.max(first.ms, again.ms),
      latestIsAsNewAsTheStore: latest.revision >= stored,
      latestMs: latest.ms,
      cachedObjectIsOld: cachedObject.revision <= first.revision,
      storedObjectIsFresh: storedObject.revision > first.revision,
      storedObjectMs: storedObject.ms,
      writeStatus: write.status,
      writeMs: write.ms,
    };
  },
};
