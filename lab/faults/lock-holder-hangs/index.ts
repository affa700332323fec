import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { takeLock } from "./take-lock.ts";

/** Who hangs: another tool that takes the same lock, as the protocol of the lock wants it. */
const HOLDER = "ansible/update-home";

/** What a holder may ask for, in seconds; Quorate's own lock is 900. */
const LEASE_SECONDS = [60, 300, 900] as const;

/** Somebody takes the cluster's restart lock and does nothing with it: Quorate must refuse, and be able to go on later. */
export const lockHolderHangs: Fault = {
  id: "lock-holder-hangs",
  title: "somebody holds the restart lock and hangs",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("lock-holder-hangs", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 30, 600),
      parameters: { leaseSeconds: random.pick(LEASE_SECONDS) },
    }),
  start: (world, _quorate, plan) =>
    takeLock(world, nodeOf(plan), { holder: HOLDER, leaseSeconds: numberOf(plan, "leaseSeconds") }),
};
