import type { Rule } from "./rule.ts";
import { budgetRule } from "./rules/budget/index.ts";
import { freshEvidenceRule } from "./rules/fresh-evidence/index.ts";
import { lockRule } from "./rules/lock/index.ts";
import { lowestRungRule } from "./rules/lowest-rung/index.ts";
import { oneAtATimeRule } from "./rules/one-at-a-time/index.ts";
import { quorumRule } from "./rules/quorum/index.ts";
import { stoppedOnPurposeRule } from "./rules/stopped-on-purpose/index.ts";
import { unknownRungRule } from "./rules/unknown-rung/index.ts";
import { writerContendedRule } from "./rules/writer-contended/index.ts";

/** All reasons to refuse. A test compares this list with the folders. */
export const RULES = [
  stoppedOnPurposeRule,
  lowestRungRule,
  unknownRungRule,
  quorumRule,
  lockRule,
  oneAtATimeRule,
  writerContendedRule,
  freshEvidenceRule,
  budgetRule,
] as const satisfies readonly Rule[];
