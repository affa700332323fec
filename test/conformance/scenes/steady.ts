import type { ConformanceWorld } from "../world.ts";
import { kcmHolder, leader, others } from "../ways.ts";

/** Nothing is wrong. */
export interface Steady {
  readonly world: ConformanceWorld;
  readonly leader: string;
  readonly holder: string;
  /** Asked: not the dqlite leader. */
  readonly node: string;
  /** Another one, through which things happen. */
  readonly other: string;
}

export async function openSteady(world: ConformanceWorld): Promise<Steady> {
  const [leads, holder] = [await leader(world), await kcmHolder(world)];
  const [node = "", other = ""] = others(world, leads);
  return { world, leader: leads, holder, node, other };
}
