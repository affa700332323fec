import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { LEASES_PREFIX, waitFor } from "../ways.ts";

/** One of them may just meet a poll. */
const WATCHES = 3;

export const watchProgress: Question<Steady> = {
  id: "watch-progress",
  asks: "what a new etcd Watch says: the header of its confirmation, its first and its later progress replies",
  expected: {
    created: exact(0),
    firstReply: exact(0),
    laterReplyIsOfTheLastEvents: exact(true),
    laterReplyBehindTheStore: band(0, 12, "revisions"),
  },
  ask: async ({ world, node }) => {
    const created: (number | null)[] = [];
    const replies: number[] = [];
    for (let made = 0; made < WATCHES; made += 1) {
      const watch = await world.watch(node, LEASES_PREFIX);
      await waitFor(world, "a confirmed watch", 5000, () => Promise.resolve(watch.created), 5);
      watch.requestProgress();
      replies.push(await waitFor(world, "a reply", 5000, () => Promise.resolve(watch.progress[0] ?? null), 20));
      created.push(watch.created);
      if (made < WATCHES - 1) watch.close();
      else {
        const event = await waitFor(world, "an event", 15_000, () => Promise.resolve(watch.events.at(-1) ?? null));
        const asked = watch.progress.length;
        watch.requestProgress();
        const reply = await waitFor(world, "a reply", 5000, () => Promise.resolve(watch.progress[asked] ?? null), 20);
        const stored = (await world.storeRevision(node)) ?? Infinity;
        watch.close();
        return {
          created: Math.max(...created.map((one) => one ?? Infinity)),
          firstReply: Math.min(...replies),
          laterReplyIsOfTheLastEvents: reply >= event,
          laterReplyBehindTheStore: stored - reply,
        };
      }
    }
    return {};
  },
};
