import { band, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { CONFIGMAPS_PREFIX, createConfigMap, newName, waitFor } from "../ways.ts";

export const watchDelivery: Question<Steady> = {
  id: "watch-delivery",
  asks: "how long after a write an etcd Watch tells of it: on the node it went through, and on another one",
  expected: { ownMs: band(0, 400), otherMs: band(0, 1500) },
  ask: async ({ world, node, other }) => {
    const [own, far] = [await world.watch(other, CONFIGMAPS_PREFIX), await world.watch(node, CONFIGMAPS_PREFIX)];
    await world.pass(1500);
    const { revision } = await createConfigMap(world, other, newName(world));
    const wroteAtMs = world.nowMs();
    const arrival = async (watch: typeof own): Promise<number> => {
      const isThere = () => Promise.resolve((watch.events.at(-1) ?? 0) >= revision ? true : null);
      await waitFor(world, "the event", 5000, isThere, 10);
      watch.close();
      return world.nowMs() - wroteAtMs;
    };
    const [ownMs, otherMs] = await Promise.all([arrival(own), arrival(far)]);
    return { ownMs, otherMs };
  },
};
