import { band, exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";
import { createDeployment, LEASES, list, msUntil, newName, replicasOf } from "../ways.ts";

export const cureDeadFeed: Question<DeadFeed> = {
  id: "cure-dead-feed",
  asks: "how soon a restart of k8s-dqlite alone cures a feed that died a minute ago, and the controllers above it go on",
  expected: { freshMs: band(6000, 14_000), reconciledMs: band(6000, 25_000), kubeliteUntouched: exact(true) },
  ask: async ({ world, node }) => {
    const name = newName(world);
    await createDeployment(world, node, name);
    const { invocationId } = await world.unit(node, "kubelite");
    const stored = (await world.storeRevision(node)) ?? Infinity;
    const startedAtMs = world.nowMs();
    await world.restart(node, "datastore");
    const isFresh = async () => (await list(world, node, LEASES, "cache")).revision > stored;
    const freshMs = await msUntil(world, startedAtMs, "a fresh cache", 90_000, isFresh);
    const isReconciled = async () => (await replicasOf(world, node, name)) === 2;
    const reconciledMs = await msUntil(world, startedAtMs, "the Deployment's pods", 60_000, isReconciled);
    const kubeliteUntouched = (await world.unit(node, "kubelite")).invocationId === invocationId;
    return { freshMs, reconciledMs, kubeliteUntouched };
  },
};
