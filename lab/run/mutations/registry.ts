import { DETECTOR_MUTATIONS } from "./detectors.ts";
import { GUARD_MUTATIONS } from "./guard.ts";
import { LOCK_MUTATIONS } from "./lock.ts";
import type { Mutation } from "./mutation.ts";
import { RUNBOOK_MUTATIONS } from "./runbook.ts";

/** All broken variants. */
export const MUTATIONS: readonly Mutation[] = [
  ...GUARD_MUTATIONS,
  ...LOCK_MUTATIONS,
  ...DETECTOR_MUTATIONS,
  ...RUNBOOK_MUTATIONS,
];
