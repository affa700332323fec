import { INVARIANTS } from "../../invariants/registry.ts";
import { planOf } from "../plan.ts";
import { type Result, replayCommand } from "../result.ts";
import { runPlan } from "../run-plan.ts";
import { type Mutation, trialDays } from "./mutation.ts";

/** How one broken variant fared. */
export interface MutationResult {
  readonly mutation: Mutation;
  /** The first seed that showed it and that the whole Quorate passes; null when there was none. */
  readonly seed: number | null;
  readonly invariant: string | null;
  readonly message: string;
  /** Seeds that proved nothing, because the whole Quorate fails there too. */
  readonly failedControls: readonly number[];
  readonly command: string;
  readonly wallMs: number;
}

/** A trial's end is too early for locks to run out and for every cure: healing is judged in whole days. */
const TRIAL_INVARIANTS = INVARIANTS.filter(({ id }) => id !== "heals");

/** Tries seeds until one shows the broken variant, and only it. */
export async function checkMutation(mutation: Mutation, seedsMax: number): Promise<MutationResult> {
  const startedMs = performance.now();
  const failedControls: number[] = [];
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { found, plan } = await runMutated(mutation, seed);
    if (found === null) continue;
    const control = await runPlan(plan, { invariants: TRIAL_INVARIANTS });
    if (control.found !== null) failedControls.push(seed);
    else {
      const { invariant, message } = found;
      const command = replayCommand(plan, { mutation: mutation.id });
      return { mutation, seed, invariant, message, failedControls, command, wallMs: performance.now() - startedMs };
    }
  }
  const nothing = { seed: null, invariant: null, message: "", command: "" };
  return { mutation, ...nothing, failedControls, wallMs: performance.now() - startedMs };
}

/** One trial of one seed. */
export function runMutated({ seams, kinds, ...mutation }: Mutation, seed: number): Promise<Result> {
  return runPlan(planOf(seed, { days: trialDays(mutation), kinds }), { seams, invariants: TRIAL_INVARIANTS });
}
