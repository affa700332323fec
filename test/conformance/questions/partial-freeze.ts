import { band, exact, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { CONFIGMAPS, createConfigMap, LEASES, list, listRevision, msUntil, newName } from "../ways.ts";

export const partialFreeze: Question<SlowReader> = {
  id: "partial-freeze",
  asks: "what is seen on a node whose apiserver stood still under writes of one resource, and what cures it",
  expected: {
    configMapsMoved: exact(0),
    configMapsLatestHasIt: exact(true),
    configMapsLatestMs: band(2900, 3600),
    leasesMoved: exact(true),
    pollsGoOn: exact(true),
    readyz: exact(200),
    freshMs: band(6000, 14_000),
    kubeliteUntouched: exact(true),
  },
  ask: async ({ world, node, third, over }) => {
    await over;
    // Asks the streams for progress: once, a mute one may say a little more than it had events for.
    await list(world, node, CONFIGMAPS, "store");
    const [configMaps, leases] = [
      await listRevision(world, node, CONFIGMAPS, "cache"),
      await listRevision(world, node, LEASES, "cache"),
    ];
    const polls = await world.counters(node);
    const written = await createConfigMap(world, third, newName(world));
    await world.pass(4000);
    const latest = await list(world, node, CONFIGMAPS, "store");
    const seen = {
      configMapsMoved: (await listRevision(world, node, CONFIGMAPS, "cache")) - configMaps,
      configMapsLatestHasIt: latest.revision >= written.revision,
      configMapsLatestMs: latest.ms,
      leasesMoved: (await listRevision(world, node, LEASES, "cache")) > leases,
      pollsGoOn: ((await world.counters(node))?.poll ?? 0) > (polls?.poll ?? Infinity),
      readyz: (await world.ask(node, { path: "/readyz" })).status,
    };
    const { invocationId } = await world.unit(node, "kubelite");
    const startedAtMs = world.nowMs();
    await world.restart(node, "datastore");
    const isFresh = async () => (await list(world, node, CONFIGMAPS, "cache")).revision >= written.revision;
    const freshMs = await msUntil(world, startedAtMs, "a fresh cache", 90_000, isFresh);
    return { ...seen, freshMs, kubeliteUntouched: (await world.unit(node, "kubelite")).invocationId === invocationId };
  },
};
