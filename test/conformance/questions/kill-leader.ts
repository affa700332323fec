import { band, exact, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { deadFeeds, leader, msUntil, others, untilServed } from "../ways.ts";

export const killLeader: Question<Steady> = {
  id: "kill-leader",
  asks: "how soon another member leads when the leader is killed, and when systemd has it serving again",
  expected: {
    newLeaderMs: band(2500, 8500),
    newInvocation: exact(true),
    servedMs: band(5900, 14_000),
    deadFeeds: exact([]),
  },
  ask: async ({ world }) => {
    await untilServed(world);
    const old = await leader(world);
    const { invocationId } = await world.unit(old, "datastore");
    const killedAtMs = world.nowMs();
    await world.kill(old, "datastore");
    const leads = async () => (await world.leaderBy(others(world, old))) !== null;
    const newLeaderMs = await msUntil(world, killedAtMs, "another leader", 30_000, leads);
    const serves = async () => (await world.storeRevision(old)) !== null;
    const servedMs = await msUntil(world, killedAtMs, "a served Range", 60_000, serves);
    await untilServed(world);
    await world.pass(2000);
    const newInvocation = (await world.unit(old, "datastore")).invocationId !== invocationId;
    return { newLeaderMs, newInvocation, servedMs, deadFeeds: await deadFeeds(world) };
  },
};
