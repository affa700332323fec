import type { RungId } from "../model/verdict.ts";
import { cacheRung } from "./cache/index.ts";
import { feedRung } from "./feed/index.ts";
import { quorumRung } from "./quorum/index.ts";
import type { Rung } from "./rung.ts";
import { storeRung } from "./store/index.ts";
import { unitRung } from "./unit/index.ts";

/** All rungs, from the ground up. A test compares this list with the folders. */
export const RUNGS = [unitRung, quorumRung, storeRung, feedRung, cacheRung] as const satisfies readonly Rung[];

/** Every rung by its id: a missing one does not compile. */
export const RUNG_BY_ID: Readonly<Record<RungId, Rung>> = {
  unit: unitRung,
  quorum: quorumRung,
  store: storeRung,
  feed: feedRung,
  cache: cacheRung,
};
