import { band, exact, inOrder, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { kcmHolder, kcmLease, msUntil, patchLease } from "../ways.ts";

const INTRUDER = "intruder_1";

export const leaseOverwritten: Question<SlowReader> = {
  id: "lease-overwritten",
  asks: "what happens when somebody else is written into the leading controller manager's Lease (60 s, 30 s, 2 s)",
  expected: {
    exitedMs: band(29_000, 38_000),
    heldAgainMs: band(58_000, 75_000),
    addedTransitions: exact(1),
    order: inOrder("overwritten", "the holder's kubelite ends", "a controller manager holds it"),
  },
  ask: async ({ world, third }) => {
    const holder = await kcmHolder(world);
    const { invocationId } = await world.unit(holder, "kubelite");
    const before = await kcmLease(world, third);
    const startedAtMs = world.nowMs();
    await patchLease(world, third, { holderIdentity: INTRUDER });
    const exited = async () => (await world.unit(holder, "kubelite")).invocationId !== invocationId;
    const held = async () => world.nodes.includes((await kcmLease(world, third))?.holder ?? "");
    const [exitedMs, heldAgainMs] = await Promise.all([
      msUntil(world, startedAtMs, "the end of the holder", 60_000, exited),
      msUntil(world, startedAtMs, "a new holder", 120_000, held),
    ]);
    const moments = [
      ["overwritten", 0],
      ["the holder's kubelite ends", exitedMs],
      ["a controller manager holds it", heldAgainMs],
    ] as const;
    return {
      exitedMs,
      heldAgainMs,
      addedTransitions: ((await kcmLease(world, third))?.transitions ?? NaN) - (before?.transitions ?? NaN),
      order: moments.toSorted(([, one], [, other]) => one - other).map(([name]) => name),
    };
  },
};
