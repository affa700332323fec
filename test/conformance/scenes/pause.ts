import type { ConformanceWorld } from "../world.ts";
import { deadFeeds, get, KCM_LEASE, kcmHolder, leader, list, LEASES, others, untilServed, waitFor } from "../ways.ts";

/** The dqlite leader's process stood still, and goes on again. */
export interface Pause {
  readonly world: ConformanceWorld;
  /** Who led when it was paused. */
  readonly paused: string;
  readonly dead: readonly string[];
  /** Whose kubelite was started anew meanwhile. */
  readonly restarted: readonly string[];
  /** Late in the pause: who led among the others. */
  readonly ledMeanwhile: string | null;
  /** Late in the pause, on another node: an RV=0 LIST. */
  readonly cachedMeanwhile: { readonly status: number; readonly ms: number };
}

/** A Lease that was lost in the pause ends its kubelite within seconds of the store's return. */
const SETTLE_MS = 5000;
/** Before the end of a pause, something is asked. */
const BEFORE_END_MS = 2000;

export async function pauseLeader(world: ConformanceWorld, seconds: number): Promise<Pause> {
  const paused = await leader(world);
  const [one = ""] = others(world, paused);
  const before = await kubelites(world);
  const resume = await world.pause(paused, "datastore");
  const resumeAtMs = world.nowMs() + seconds * 1000;
  await world.pass(seconds * 1000 - BEFORE_END_MS);
  const ledMeanwhile = await world.leaderBy(others(world, paused));
  const { status, ms } = await list(world, one, LEASES, "cache");
  await world.pass(Math.max(0, resumeAtMs - world.nowMs()));
  await resume();
  await untilServed(world);
  await world.pass(SETTLE_MS);
  const after = await kubelites(world);
  const restarted = world.nodes.filter((_, index) => before[index] !== after[index]);
  const dead = await deadFeeds(world);
  return { world, paused, dead, restarted, ledMeanwhile, cachedMeanwhile: { status, ms } };
}

export async function kubelites(world: ConformanceWorld): Promise<readonly string[]> {
  return Promise.all(world.nodes.map(async (node) => (await world.unit(node, "kubelite")).invocationId));
}

/** Restarts the datastore of each node whose feed is dead, and waits until all caches follow again. */
export async function revive(world: ConformanceWorld): Promise<void> {
  for (const node of await deadFeeds(world)) await world.restart(node, "datastore");
  await untilServed(world);
  await kcmHolder(world);
  for (const node of world.nodes) {
    await waitFor(world, `${node}: a fresh cache`, 120_000, async () => {
      const [cached, stored] = [await get(world, node, KCM_LEASE, "cache"), await get(world, node, KCM_LEASE, "store")];
      return stored.status === 200 && stored.revision - cached.revision < 10 && cached.revision > 0 ? true : null;
    });
  }
}
