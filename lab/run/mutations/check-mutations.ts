import { planOf } from "../plan.ts";
import { type Result, replayCommand } from "../result.ts";
import { runPlan } from "../run-plan.ts";
import type { Mutation } from "./mutation.ts";

/** How one broken variant fared. */
export interface MutationResult {
  readonly mutation: Mutation;
  /** The first seed that showed it; null when none did. */
  readonly seed: number | null;
  readonly invariant: string | null;
  readonly message: string;
  readonly command: string;
  readonly wallMs: number;
}

/** Two virtual hours, dense with faults, show what a day would: the budgets count by the hour. */
export const MUTATION_DAYS = 0.1;

/** Tries seeds until one shows the broken variant. */
export async function checkMutation(mutation: Mutation, seedsMax: number): Promise<MutationResult> {
  const startedMs = performance.now();
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const result = await runMutated(mutation, seed);
    if (result.found === null) continue;
    const { invariant, message } = result.found;
    const options = { days: MUTATION_DAYS, kinds: mutation.kinds, mutation: mutation.id };
    const command = replayCommand(result.plan, options);
    return { mutation, seed, invariant, message, command, wallMs: performance.now() - startedMs };
  }
  return { mutation, seed: null, invariant: null, message: "", command: "", wallMs: performance.now() - startedMs };
}

export function runMutated(mutation: Mutation, seed: number): Promise<Result> {
  const plan = planOf(seed, { days: MUTATION_DAYS, kinds: mutation.kinds });
  return runPlan(plan, { seams: mutation.seams });
}
