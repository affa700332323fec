import type { Scene } from "./scene.ts";
import { contention } from "./scenes/contention.ts";
import { feedDeath } from "./scenes/feed-death.ts";
import { healthy } from "./scenes/healthy.ts";
import { incident } from "./scenes/incident.ts";
import { partialFreeze } from "./scenes/partial-freeze.ts";

/** All stories; the first one is told unless another is asked for. */
export const SCENES = [incident, feedDeath, partialFreeze, contention, healthy] as const satisfies readonly Scene[];
