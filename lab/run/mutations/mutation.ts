import type { Seams } from "../../quorate/start.ts";

/** A deliberately broken variant of Quorate. Some seed must show it, or the proof is worth nothing. */
export interface Mutation {
  readonly id: string;
  /** What is broken, one sentence. */
  readonly what: string;
  /** The invariants that may catch it; another one is a mistake in one of the two. */
  readonly expected: readonly string[];
  /** Kinds of faults that lead to where it shows: the trial is about the invariants, and not about the luck of the draw. */
  readonly kinds: readonly string[];
  readonly seams: Seams;
  /** Length of a trial's safety phase; default half an hour. */
  readonly minutes?: number;
}

/** Three episodes of faults. */
const TRIAL_MINUTES = 30;

/** Length of a trial, as a plan's options have it. */
export function trialDays({ minutes = TRIAL_MINUTES }: Pick<Mutation, "minutes">): number {
  return minutes / 1440;
}
