import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { leader, others, untilServed, waitFor } from "../ways.ts";

export const restartLeader: Question<Steady> = {
  id: "restart-leader",
  asks: "how soon another member leads when the leader's datastore is restarted gracefully",
  expected: { newLeaderMs: band(0, 3000), anotherLeads: exact(true), servedAfterMs: band(0, 4000) },
  ask: async ({ world }) => {
    await untilServed(world);
    const old = await leader(world);
    const startedAtMs = world.nowMs();
    const restarted = world.restart(old, "datastore");
    const next = await waitFor(
      world,
      "another leader",
      20_000,
      async () => {
        const now = await world.leaderBy(others(world, old));
        return now === old ? null : now;
      },
      50,
    );
    const newLeaderMs = world.nowMs() - startedAtMs;
    const [one = ""] = others(world, old);
    const readAtMs = world.nowMs();
    await waitFor(world, "a served Range", 30_000, () => world.storeRevision(one));
    const servedAfterMs = world.nowMs() - readAtMs;
    await restarted;
    return { newLeaderMs, anotherLeads: next !== old, servedAfterMs };
  },
};
