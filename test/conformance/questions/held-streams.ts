import { band, exact, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { get, KCM_LEASE, LEASES, list, msUntil } from "../ways.ts";

export const heldStreams: Question<SlowReader> = {
  id: "held-streams",
  asks: "what is seen while only the watch events on their way to an apiserver are held back, and after",
  expected: {
    cacheMoved: exact(0),
    latestIsAsNewAsTheStore: exact(true),
    latestMs: band(2900, 3600),
    storedObjectIsFresh: exact(true),
    readyz: exact(200),
    livez: exact(200),
    pollsGoOn: exact(true),
    freshAfterMs: band(0, 3000),
  },
  ask: async ({ world, third: node }) => {
    const held = await world.holdStreams(node);
    await world.pass(2000);
    const first = await list(world, node, LEASES, "cache");
    const polls = await world.counters(node);
    await world.pass(4000);
    const stored = (await world.storeRevision(node)) ?? Infinity;
    const latest = await list(world, node, LEASES, "store");
    const again = await list(world, node, LEASES, "cache");
    const storedObject = await get(world, node, KCM_LEASE, "store");
    const status = async (path: string) => (await world.ask(node, { path })).status;
    const [readyz, livez] = [await status("/readyz"), await status("/livez")];
    const pollsGoOn = ((await world.counters(node))?.poll ?? 0) > (polls?.poll ?? Infinity);
    const releasedAtMs = world.nowMs();
    await held.release();
    const isFresh = async () => (await list(world, node, LEASES, "cache")).revision > stored;
    const freshAfterMs = await msUntil(world, releasedAtMs, "a fresh cache", 30_000, isFresh);
    await held.close();
    return {
      cacheMoved: again.revision - first.revision,
      latestIsAsNewAsTheStore: latest.revision >= stored,
      latestMs: latest.ms,
      storedObjectIsFresh: storedObject.revision > first.revision,
      readyz,
      livez,
      pollsGoOn,
      freshAfterMs,
    };
  },
};
