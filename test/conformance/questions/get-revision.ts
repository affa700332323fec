import { exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { CONFIGMAPS, createConfigMap, get, newName } from "../ways.ts";

export const getRevision: Question<Steady> = {
  id: "get-revision",
  asks: "whether a GET gives the object's own revision, from the cache and from the store",
  expected: { cached: exact(true), stored: exact(true) },
  ask: async ({ world, node, other }) => {
    const name = newName(world);
    const { revision } = await createConfigMap(world, other, name);
    await createConfigMap(world, other, newName(world));
    await world.pass(2000);
    const path = `${CONFIGMAPS}/${name}`;
    return {
      cached: (await get(world, node, path, "cache")).revision === revision,
      stored: (await get(world, node, path, "store")).revision === revision,
    };
  },
};
