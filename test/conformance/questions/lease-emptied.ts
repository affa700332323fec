import { band, exact, oneOf, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { kcmHolder, kcmLease, patchLease, waitFor } from "../ways.ts";

export const leaseEmptied: Question<SlowReader> = {
  id: "lease-emptied",
  asks: "what the leading controller manager does when its Lease has no holder any more",
  expected: {
    backMs: band(0, 6000),
    // A standby may ask first and win; the old holder then runs on until its renew deadline.
    sameHolder: oneOf(true, false),
    addedTransitions: band(0, 1, "transitions"),
    exited: exact(false),
  },
  ask: async ({ world, third }) => {
    const holder = await kcmHolder(world);
    const before = await kcmLease(world, third);
    const { invocationId } = await world.unit(holder, "kubelite");
    const startedAtMs = world.nowMs();
    await patchLease(world, third, { holderIdentity: "" });
    const after = await waitFor(world, "a holder", 90_000, async () => {
      const lease = await kcmLease(world, third);
      return lease === null || lease.holder === "" ? null : lease;
    });
    const backMs = world.nowMs() - startedAtMs;
    await world.pass(3000);
    return {
      backMs,
      sameHolder: after.holder === holder,
      addedTransitions: after.transitions - (before?.transitions ?? NaN),
      exited: (await world.unit(holder, "kubelite")).invocationId !== invocationId,
    };
  },
};
