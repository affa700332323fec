import { budgets } from "./budgets/index.ts";
import { decidedAgain } from "./decided-again/index.ts";
import { everyRunEnds } from "./every-run-ends/index.ts";
import { heals } from "./heals/index.ts";
import { intentFirst } from "./intent-first/index.ts";
import type { Invariant } from "./invariant.ts";
import { lockUntilStable } from "./lock-until-stable/index.ts";
import { namedInTime } from "./named-in-time/index.ts";
import { neverTwice } from "./never-twice/index.ts";
import { noFalseFinding } from "./no-false-finding/index.ts";
import { noIdleWrites } from "./no-idle-writes/index.ts";
import { observedBeforeRetry } from "./observed-before-retry/index.ts";
import { oneAtATime } from "./one-at-a-time/index.ts";
import { smallestRemedy } from "./smallest-remedy/index.ts";
import { stoppedStaysStopped } from "./stopped-stays-stopped/index.ts";
import { unknownRefuses } from "./unknown-refuses/index.ts";
import { voterMajority } from "./voter-majority/index.ts";

/** What must hold in every run, the laws first. A test compares this list with the folders. */
export const INVARIANTS = [
  voterMajority,
  oneAtATime,
  lockUntilStable,
  unknownRefuses,
  decidedAgain,
  observedBeforeRetry,
  intentFirst,
  neverTwice,
  noIdleWrites,
  stoppedStaysStopped,
  budgets,
  smallestRemedy,
  namedInTime,
  noFalseFinding,
  everyRunEnds,
  heals,
] as const satisfies readonly Invariant[];
