import type { Sim } from "../sim/sim.ts";
import type { ClusterSpec, World } from "../world/world.ts";

export function openWorld(_sim: Sim, _spec: ClusterSpec): World {
  throw new Error("not yet");
}
