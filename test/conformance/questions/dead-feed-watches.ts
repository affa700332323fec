import { exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";
import { LEASES_PREFIX } from "../ways.ts";

export const deadFeedWatches: Question<DeadFeed> = {
  id: "dead-feed-watches",
  asks: "what etcd Watches say below a dead feed: one from before its death, and a new one",
  expected: {
    oldIsOpen: exact(true),
    oldGotEvents: exact(0),
    oldReplies: exact("stale"),
    newIsOpen: exact(true),
    newCreated: exact(0),
    newGotEvents: exact(0),
    newReplies: exact("none known"),
  },
  ask: async ({ world, node, watch }) => {
    const events = watch.events.length;
    const fresh = await world.watch(node, LEASES_PREFIX);
    await world.pass(4000);
    const [asked, askedFresh] = [watch.progress.length, fresh.progress.length];
    const stored = (await world.storeRevision(node)) ?? 0;
    watch.requestProgress();
    fresh.requestProgress();
    await world.pass(1000);
    const answers = {
      oldIsOpen: watch.isOpen,
      oldGotEvents: watch.events.length - events,
      oldReplies: describe(watch.progress.slice(asked), stored),
      newIsOpen: fresh.isOpen,
      newCreated: fresh.created,
      newGotEvents: fresh.events.length,
      newReplies: describe(fresh.progress.slice(askedFresh), stored),
    };
    fresh.close();
    return answers;
  },
};

function describe(replies: readonly number[], stored: number): string {
  const last = replies.at(-1);
  if (last === undefined) return "nothing";
  if (last === 0) return "none known";
  return last < stored ? "stale" : "fresh";
}
