import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { at, CONFIGMAPS, createConfigMap, newName } from "../ways.ts";

export const listExactRevision: Question<Steady> = {
  id: "list-exact-revision",
  asks: "what a LIST gives at an exact revision of the past, and at least at one that is not there yet",
  expected: {
    pastStatus: exact(200),
    pastIsThatRevision: exact(true),
    pastHasTheObject: exact(true),
    futureStatus: exact(504),
    futureReason: exact("Timeout"),
    futureMs: band(2900, 3600),
  },
  ask: async ({ world, node, other }) => {
    const name = newName(world);
    const { revision } = await createConfigMap(world, other, name);
    await world.ask(other, { method: "DELETE", path: `${CONFIGMAPS}/${name}` });
    const query = { resourceVersion: String(revision), resourceVersionMatch: "Exact" };
    const past = await world.ask(node, { path: CONFIGMAPS, query });
    const future = await world.ask(node, { path: CONFIGMAPS, query: { resourceVersion: String(revision + 10_000) } });
    const items = (at(past.body, "items") ?? []) as readonly Parameters<typeof at>[0][];
    return {
      pastStatus: past.status,
      pastIsThatRevision: past.revision === revision,
      pastHasTheObject: items.some((item) => at(item, "metadata", "name") === name),
      futureStatus: future.status,
      futureReason: at(future.body, "reason") ?? null,
      futureMs: future.ms,
    };
  },
};
