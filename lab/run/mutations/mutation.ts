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
}
