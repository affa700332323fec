import type { Sim } from "../sim/sim.ts";
import type { LabNode, World } from "../world/world.ts";
import type { Life } from "./life.ts";
import type { Reach } from "./reach.ts";

/** What a tap of one node works with. */
export interface TapScene {
  readonly sim: Sim;
  readonly world: World;
  readonly life: Life;
  readonly reach: Reach;
  readonly node: LabNode;
}
