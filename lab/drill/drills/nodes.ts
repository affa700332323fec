import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Prng } from "../../sim/prng.ts";
import type { World } from "../../world/world.ts";

/** Long enough to look at a healthy cluster first, short enough not to be bored. */
const CALM_MS = { min: 15_000, max: 45_000 } as const;

/** Something breaks at an instant that nobody knows. */
export function afterCalm(world: World, random: Prng, run: () => void): void {
  world.sim.after(random.between(CALM_MS.min, CALM_MS.max), run);
}

/** One of the nodes that do not lead dqlite now. */
export function drawFollower(world: World, random: Prng): NodeName {
  const followers = world.nodes.map(({ name }) => name).filter((name) => name !== world.dqlite.leader());
  return random.pick(followers);
}

/** One that is told something once, now or when it happens. */
export function createSignal(): { readonly give: () => void; readonly on: (listener: () => void) => void } {
  const listeners: (() => void)[] = [];
  let isGiven = false;
  return {
    give: () => {
      if (isGiven) return;
      isGiven = true;
      for (const listener of listeners) listener();
    },
    on: (listener) => {
      if (isGiven) listener();
      else listeners.push(listener);
    },
  };
}
