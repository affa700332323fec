import type { Drill } from "./drill.ts";
import { contention } from "./drills/contention.ts";
import { deadFeed } from "./drills/dead-feed.ts";
import { lostQuorum } from "./drills/lost-quorum.ts";
import { noise } from "./drills/noise.ts";
import { partialFreeze } from "./drills/partial-freeze.ts";
import { stoppedNode } from "./drills/stopped-node.ts";

/** All drills. A test compares this list with the files. */
export const DRILLS = [
  deadFeed,
  partialFreeze,
  lostQuorum,
  contention,
  stoppedNode,
  noise,
] as const satisfies readonly Drill[];
