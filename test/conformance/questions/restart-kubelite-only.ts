import { band, exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";
import { msUntil, untilServed, waitFor } from "../ways.ts";

export const restartKubeliteOnly: Question<DeadFeed> = {
  id: "restart-kubelite-only",
  asks: "what a restart of kubelite alone does above a dead feed, and then one of the datastore",
  expected: {
    everReady: exact(false),
    // Two of its start hooks give up: bootstrap-roles after 30 s of serving, service-ip-repair after 60 s. Either is first.
    endedMs: band(34_000, 80_000),
    feedStillDead: exact(true),
    readyAfterDatastoreMs: band(6000, 60_000),
  },
  ask: async ({ world, second: node }) => {
    await world.restart(node, "kubelite");
    const startedAtMs = world.nowMs();
    const { invocationId } = await world.unit(node, "kubelite");
    const isReady = async () => (await world.ask(node, { path: "/readyz", timeoutMs: 5000 })).status === 200;
    let everReady = false;
    const endedMs = await msUntil(world, startedAtMs, "the end of kubelite", 90_000, async () => {
      if ((await world.unit(node, "kubelite")).invocationId !== invocationId) return true;
      everReady ||= await isReady();
      return false;
    });
    const before = await world.counters(node);
    await world.pass(3000);
    const after = await world.counters(node);
    const restartedAtMs = world.nowMs();
    await world.restart(node, "datastore");
    await untilServed(world);
    await waitFor(world, `${node}: readiness`, 120_000, async () => ((await isReady()) ? true : null), 500);
    const readyAfterDatastoreMs = world.nowMs() - restartedAtMs;
    return { everReady, endedMs, feedStillDead: before?.poll === after?.poll, readyAfterDatastoreMs };
  },
};
