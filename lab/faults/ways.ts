import type { NodeName } from "../../src/core/model/observation.ts";
import type { World } from "../world/world.ts";
import { hold } from "./holds.ts";

/** Packets of one way are lost until the returned function is called. */
export function cutWay(world: World, from: NodeName, to: NodeName): () => void {
  const { network } = world;
  return hold(
    world,
    `cut ${from} ${to}`,
    () => network.cut(from, to),
    () => network.heal(from, to),
  );
}

/** The same in both directions. */
export function cutBothWays(world: World, one: NodeName, other: NodeName): () => void {
  const heals = [cutWay(world, one, other), cutWay(world, other, one)];
  return () => heals.forEach((heal) => heal());
}

/** One way takes that much longer until the returned function is called. */
export function slowWay(world: World, from: NodeName, to: NodeName, extraMs: number): () => void {
  const { network } = world;
  return hold(
    world,
    `slow ${from} ${to}`,
    () => network.slow(from, to, extraMs),
    () => network.slow(from, to, 0),
  );
}
