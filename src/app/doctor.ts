import type { Ladder } from "../core/ladder/climb.ts";
import type { Observer } from "./observer.ts";

/**
 * The first answer comes within 8 s of the start (of which up to 1 s is connecting): a healthy cluster is decided after
 * one heartbeat (1 to 3 s), a frozen cache needs 6 s of proof, a lost leader 7.5 s.
 */
export const DOCTOR_BUDGET_MS = 7000;

/** How often `--watch` draws anew. */
export const WATCH_EVERY_MS = 2000;

/** Observes until nothing more is worth waiting for, or the budget is used up. */
export function firstAnswer(observer: Observer, budgetMs: number, signal: AbortSignal): Promise<Ladder> {
  return observer.until((ladder) => ladder.waitingFor.length === 0, budgetMs, signal);
}
