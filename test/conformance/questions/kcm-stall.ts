import { exact, type Question } from "../question.ts";
import type { DeadFeed } from "../scenes/dead-feed.ts";
import { createDeployment, kcmLease, newName, replicasOf } from "../ways.ts";

/** A controller manager that hears of a Deployment has its pods made within a second or two. */
const PASS_MS = 8000;

export const kcmStall: Question<DeadFeed> = {
  id: "kcm-stall",
  asks: "what the leading controller manager does above a dead feed: its Lease, and a new Deployment",
  expected: { renews: exact(true), keepsTheLease: exact(true), createdPods: exact(0), createStatus: exact(201) },
  ask: async ({ world, node }) => {
    const name = newName(world);
    const before = await kcmLease(world, node);
    const { status } = await createDeployment(world, node, name);
    await world.pass(PASS_MS);
    const after = await kcmLease(world, node);
    return {
      createStatus: status,
      renews: (after?.renewTime ?? "") > (before?.renewTime ?? ""),
      keepsTheLease: after?.holder === node,
      createdPods: await replicasOf(world, node, name),
    };
  },
};
