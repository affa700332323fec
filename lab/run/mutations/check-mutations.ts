import { INVARIANTS } from "../../invariants/registry.ts";
import { planOf } from "../plan.ts";
import { type Result, replayCommand } from "../result.ts";
import { runPlan } from "../run-plan.ts";
import { type Mutation, trialDays } from "./mutation.ts";

/** How one broken variant fared. */
export interface MutationResult {
  readonly mutation: Mutation;
  /** The first seed that showed it; null when none did. */
  readonly seed: number | null;
  readonly invariant: string | null;
  readonly message: string;
  /** Whether the whole Quorate passes the very same run: else the trial proves nothing. */
  readonly isControlGood: boolean;
  readonly command: string;
  readonly wallMs: number;
}

/** A trial's end is too early for locks to run out and for every cure: healing is judged in whole days. */
const TRIAL_INVARIANTS = INVARIANTS.filter(({ id }) => id !== "heals");

/** Tries seeds until one shows the broken variant. */
export async function checkMutation(mutation: Mutation, seedsMax: number): Promise<MutationResult> {
  const startedMs = performance.now();
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { found, plan } = await runMutated(mutation, seed);
    if (found === null) continue;
    const control = await runPlan(plan, { invariants: TRIAL_INVARIANTS });
    return {
      mutation,
      seed,
      invariant: found.invariant,
      message: found.message,
      isControlGood: control.found === null,
      command: replayCommand(plan, { days: trialDays(mutation), mutation: mutation.id }),
      wallMs: performance.now() - startedMs,
    };
  }
  const nothing = { seed: null, invariant: null, message: "", command: "" };
  return { mutation, ...nothing, isControlGood: true, wallMs: performance.now() - startedMs };
}

/** One trial of one seed. */
export function runMutated({ seams, kinds, ...mutation }: Mutation, seed: number): Promise<Result> {
  return runPlan(planOf(seed, { days: trialDays(mutation), kinds }), { seams, invariants: TRIAL_INVARIANTS });
}
