import { band, exact, inOrder, type Question } from "../question.ts";
import type { Steady } from "../scenes/steady.ts";
import { msUntil } from "../ways.ts";

export const restartUnit: Question<Steady> = {
  id: "restart-unit",
  asks: "what a restart of a follower's datastore looks like: when systemctl returns, when the program runs, when it serves",
  expected: {
    returnedMs: band(0, 5000),
    thenActive: exact(true),
    thenNewInvocation: exact(true),
    thenHasProgram: exact(false),
    programMs: band(5500, 7500),
    servedMs: band(5900, 12_000),
    order: inOrder("returned", "program", "served"),
    kubeliteUntouched: exact(true),
  },
  ask: async ({ world, node }) => {
    const [datastore, kubelite] = [await world.unit(node, "datastore"), await world.unit(node, "kubelite")];
    const startedAtMs = world.nowMs();
    await world.restart(node, "datastore");
    const returnedAtMs = world.nowMs();
    const then = await world.unit(node, "datastore");
    const hasProgram = async () => (await world.unit(node, "datastore")).hasProgram;
    const isServed = async () => (await world.storeRevision(node)) !== null;
    const programMs = await msUntil(world, returnedAtMs, "the program", 20_000, hasProgram);
    const servedMs = await msUntil(world, returnedAtMs, "a served Range", 60_000, isServed);
    const order = [
      ["returned", 0],
      ["program", programMs],
      ["served", servedMs],
    ] as const;
    return {
      returnedMs: returnedAtMs - startedAtMs,
      thenActive: then.isActive,
      thenNewInvocation: then.invocationId !== datastore.invocationId,
      thenHasProgram: then.hasProgram,
      programMs,
      servedMs,
      order: order.toSorted(([, one], [, other]) => one - other).map(([name]) => name),
      kubeliteUntouched: (await world.unit(node, "kubelite")).invocationId === kubelite.invocationId,
    };
  },
};
