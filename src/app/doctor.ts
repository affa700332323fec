import type { Ladder } from "../core/ladder/climb.ts";
import type { Observer } from "./observer.ts";

/**
 * The first answer comes within 8 s of the start of the process: starting and connecting take 1 to 2 s of it, a healthy
 * cluster is then decided after one heartbeat (1 to 3 s), and a frozen cache needs 6 s of proof.
 */
export const DOCTOR_BUDGET_MS = 7500;

/** However long connecting took, this much is always observed: less than one heartbeat shows nothing. */
const OBSERVED_MS_MIN = 4000;

/**
 * When something is undecided at the first answer, this much longer is waited for the final one: a feed without
 * progress replies needs 15 s of proof, an election 7.5 s.
 */
export const DOCTOR_FINAL_BUDGET_MS = 10_000;

/** How often `--watch` draws anew. */
export const WATCH_EVERY_MS = 2000;

/** Observes until nothing more is worth waiting for, or the budget (of which `spentMs` are gone) is used up. */
export function firstAnswer(
  observer: Observer,
  { budgetMs, spentMs }: { readonly budgetMs: number; readonly spentMs: number },
  signal: AbortSignal,
): Promise<Ladder> {
  const leftMs = Math.max(OBSERVED_MS_MIN, budgetMs - spentMs);
  return observer.until((ladder) => ladder.waitingFor.length === 0, leftMs, signal);
}
