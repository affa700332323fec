import type { Prng } from "../sim/prng.ts";
import type { ClusterSpec, World } from "../world/world.ts";
import type { Answer } from "./record.ts";

/** What a drill does to the cluster. */
export interface Break {
  readonly answer: Answer;
  /** Told once, when it is broken: the clock of the score begins. */
  readonly broken: (listener: () => void) => void;
  /** Whether what the drill does is over: then the cluster can be well again. */
  readonly isOver: () => boolean;
}

/** One exercise. */
export interface Drill {
  readonly id: string;
  /** What the person is told; it must not tell the answer. */
  readonly briefing: string;
  /** What a drill is about, for those who teach. */
  readonly title: string;
  /** World time after which it ends. */
  readonly limitMs: number;
  readonly workload: ClusterSpec["workload"];
  /** Ends it as soon as the cluster is well again; else the person says `done`. */
  readonly endsWhenWell: boolean;
  /** Begins now; nodes and instants are drawn. */
  readonly begin: (world: World, random: Prng) => Break;
  /** How it is done best, told at the end. */
  readonly best: (answer: Answer) => string;
}
