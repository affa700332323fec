import type { ConformanceWorld, FeedWatch } from "../world.ts";
import { kcmHolder, leader, LEASES_PREFIX, others, waitFor } from "../ways.ts";
import { type Pause, pauseLeader, revive } from "./pause.ts";

/** Above two dead feeds: the one of the node whose controller manager leads, and another one. */
export interface DeadFeed {
  readonly world: ConformanceWorld;
  /** What the first pause did. */
  readonly pause: Pause;
  readonly node: string;
  readonly second: string;
  /** On that node's Leases, since before the pause. */
  readonly watch: FeedWatch;
}

/** 26 s: longer than the poll's deadline of 20 s, shorter than the controller manager's renew deadline of 30 s. */
const PAUSE_S = 26;
/** One slow query decides, so a wanted feed may live through a pause. */
const ATTEMPTS = 4;

export async function openDeadFeed(world: ConformanceWorld): Promise<DeadFeed> {
  let first: Pause | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const node = await kcmHolder(world);
    await moveLeaderFrom(world, node);
    const watch = await world.watch(node, LEASES_PREFIX);
    await world.pass(2500);
    const pause = await pauseLeader(world, PAUSE_S);
    first ??= pause;
    const [second] = pause.dead.filter((one) => one !== node);
    const isWanted = pause.dead.includes(node) && pause.restarted.length === 0;
    if (isWanted && second !== undefined) return { world, pause: first, node, second, watch };
    watch.close();
    await revive(world);
  }
  throw new Error(`${ATTEMPTS} pauses did not end both feeds beside the leader's`);
}

/** A leader's own feed never dies of its pause: another node must lead. */
async function moveLeaderFrom(world: ConformanceWorld, node: string): Promise<void> {
  await waitFor(
    world,
    `another dqlite leader than ${node}`,
    90_000,
    async () => {
      if ((await leader(world)) !== node) return true;
      await world.restart(node, "datastore");
      await world.pass(10_000);
      return null;
    },
    500,
  );
  await waitFor(world, "three members that serve", 30_000, async () => {
    const served = await Promise.all(others(world).map((one) => world.storeRevision(one)));
    return served.includes(null) ? null : true;
  });
}
