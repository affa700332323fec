import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { LEASES, listRevision } from "../ways.ts";

const SAMPLES = 5;

export const listBusyResource: Question<Steady> = {
  id: "list-busy-resource",
  asks: "how far the RV=0 LIST of Leases is behind the store, at most of five times",
  expected: { cacheMoved: exact(true), behind: band(0, 12, "revisions") },
  ask: async ({ world, node }) => {
    const first = await listRevision(world, node, LEASES, "cache");
    let behind = 0;
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const cached = await listRevision(world, node, LEASES, "cache");
      behind = Math.max(behind, ((await world.storeRevision(node)) ?? Infinity) - cached);
      await world.pass(700);
    }
    return { cacheMoved: (await listRevision(world, node, LEASES, "cache")) > first, behind };
  },
};
