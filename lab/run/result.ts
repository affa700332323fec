import type { Plan, PlanOptions } from "./plan.ts";

/** A broken invariant, with where and when. */
export interface Found {
  readonly invariant: string;
  /** Ms after the safety phase began; negative during the warm-up. */
  readonly atMs: number;
  readonly message: string;
}

export interface Result {
  readonly seed: number;
  readonly plan: Plan;
  /** Null: everything held. */
  readonly found: Found | null;
  /** SHA-256 of the whole log: the same seed and commit give the same. */
  readonly hash: string;
  readonly simulatedMs: number;
  readonly wallMs: number;
  /** Callbacks of the simulation. */
  readonly events: number;
  readonly stats: RunStats;
}

export interface RunStats {
  readonly watchedMs: number;
  readonly doctors: number;
  readonly findings: number;
  readonly restarts: number;
  readonly cured: number;
  readonly refused: number;
  readonly escalated: number;
  readonly kills: number;
}

/** The command that acts a run out again. */
export function replayCommand(plan: Plan, options: PlanOptions & { readonly mutation?: string }): string {
  const words = [`npm run lab -- --seed ${plan.seed}`];
  if (options.days !== undefined) words.push(`--days ${options.days}`);
  if (options.kinds !== undefined) words.push(`--kinds ${options.kinds.join(",")}`);
  if (options.without !== undefined) words.push(`--without ${options.without.join(",")}`);
  if (options.only !== undefined) words.push(`--faults ${options.only.length === 0 ? "none" : options.only.join(",")}`);
  if (options.mutation !== undefined) words.push(`--mutation ${options.mutation}`);
  return words.join(" ");
}
