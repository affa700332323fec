import { band, exact, oneOf, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { KCM_LEASE, kcmHolder, kcmLease, waitFor } from "../ways.ts";

/** Who asks first, by its own retry period, makes it. */
const MADE_BY = ["the holder, as it was", "a standby, as the first holder ever"] as const;

export const leaseDeleted: Question<SlowReader> = {
  id: "lease-deleted",
  asks: "what the leading controller manager does when its Lease is deleted",
  expected: { backMs: band(0, 6000), madeBy: oneOf(...MADE_BY), exited: exact(false) },
  ask: async ({ world, third }) => {
    const holder = await kcmHolder(world);
    const before = await kcmLease(world, third);
    const { invocationId } = await world.unit(holder, "kubelite");
    const startedAtMs = world.nowMs();
    await world.ask(third, { method: "DELETE", path: KCM_LEASE });
    const after = await waitFor(world, "a Lease", 90_000, () => kcmLease(world, third));
    const backMs = world.nowMs() - startedAtMs;
    await world.pass(3000);
    return {
      backMs,
      madeBy: madeBy(after.holder === holder, after.transitions, before?.transitions ?? NaN),
      exited: (await world.unit(holder, "kubelite")).invocationId !== invocationId,
    };
  },
};

function madeBy(isSame: boolean, transitions: number, before: number): string {
  if (isSame && transitions === before) return MADE_BY[0];
  if (!isSame && transitions === 0) return MADE_BY[1];
  return `${isSame ? "the holder" : "a standby"}, with ${transitions} transitions after ${before}`;
}
