import { exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { listRevision } from "../ways.ts";

const CRONJOBS = "/apis/batch/v1/cronjobs";
/** Progress comes every 5 s. */
const PASS_MS = 7000;

export const listUntouchedResource: Question<Steady> = {
  id: "list-untouched-resource",
  asks: "whether the RV=0 LIST of a resource that was never written moves by itself",
  expected: { cacheMoved: exact(true) },
  ask: async ({ world, node }) => {
    const cached = await listRevision(world, node, CRONJOBS, "cache");
    await world.pass(PASS_MS);
    return { cacheMoved: (await listRevision(world, node, CRONJOBS, "cache")) > cached };
  },
};
