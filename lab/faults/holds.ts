import type { World } from "../world/world.ts";

interface Held {
  count: number;
  /** The first one's: only it knows how things were before. */
  readonly takeBack: () => void;
}

const heldIn = new WeakMap<World, Map<string, Held>>();

/**
 * Applies something that several faults of one run may want at the same time (a cut way, a paused process), and takes it
 * back when the last of them lets go: one fault's end must not end another's. The returned function lets go, once.
 */
export function hold(world: World, what: string, apply: (isFirst: boolean) => void, takeBack: () => void): () => void {
  let all = heldIn.get(world);
  if (all === undefined) heldIn.set(world, (all = new Map()));
  const holds = all;
  const held = holds.get(what) ?? { count: 0, takeBack };
  holds.set(what, held);
  held.count += 1;
  apply(held.count === 1);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    held.count -= 1;
    if (held.count > 0) return;
    holds.delete(what);
    held.takeBack();
  };
}
