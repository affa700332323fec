import { band, exact, type Question } from "../question.ts";
import type { SlowReader } from "../scenes/slow-reader.ts";
import { KCM_LEASE, kcmHolder, kcmLease, waitFor } from "../ways.ts";

export const leaseDeleted: Question<SlowReader> = {
  id: "lease-deleted",
  asks: "what the leading controller manager does when its Lease is deleted",
  expected: { backMs: band(0, 6000), sameHolder: exact(true), keptTransitions: exact(true), exited: exact(false) },
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
      sameHolder: after.holder === holder,
      keptTransitions: after.transitions === before?.transitions,
      exited: (await world.unit(holder, "kubelite")).invocationId !== invocationId,
    };
  },
};
