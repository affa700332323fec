import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { CONFIGMAPS, createConfigMap, list, listRevision, newName } from "../ways.ts";

const IDLE_MS = 6000;

export const listIdleResource: Question<Steady> = {
  id: "list-idle-resource",
  asks: "which revision LISTs of a resource give that was written once and then rests, while the store moves on",
  expected: {
    cacheMoved: exact(0),
    storeMoved: exact(true),
    latestIsAsNewAsTheStore: exact(true),
    latestMs: band(0, 1500),
    latestMovedTheCache: exact(true),
  },
  ask: async ({ world, node, other }) => {
    await createConfigMap(world, other, newName(world));
    // Polls are a second apart.
    await world.pass(2500);
    const stored = await world.storeRevision(node);
    const cached = await listRevision(world, node, CONFIGMAPS, "cache");
    await world.pass(IDLE_MS);
    const cachedLater = await listRevision(world, node, CONFIGMAPS, "cache");
    const storedLater = await world.storeRevision(node);
    const latest = await list(world, node, CONFIGMAPS, "store");
    return {
      cacheMoved: cachedLater - cached,
      storeMoved: (storedLater ?? 0) > (stored ?? Infinity),
      latestIsAsNewAsTheStore: latest.revision >= (storedLater ?? Infinity),
      latestMs: latest.ms,
      latestMovedTheCache: (await listRevision(world, node, CONFIGMAPS, "cache")) >= latest.revision,
    };
  },
};
