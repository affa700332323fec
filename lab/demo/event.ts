import type { NodeName } from "../../src/core/model/observation.ts";
import type { RungId, RungState } from "../../src/core/model/verdict.ts";
import type { NagiosState, ReviewCheck } from "../world/actors/review-checks.ts";

/** One node's rungs, as the ladder shows them. */
export interface LadderRow {
  readonly node: NodeName;
  readonly states: Readonly<Record<RungId, RungState>>;
  readonly cause: RungId | null;
}

/** One line of the comparison at the end; every word of it was measured in the run. */
export interface SummaryRow {
  readonly what: string;
  readonly monitoring: string;
  readonly quorate: string;
}

/**
 * What the demonstration tells, in the order of its virtual time. Only `title`, `chapter` and `injected` are written
 * beforehand; all else is what the emulated cluster, the review's checks and the production Quorate did and said.
 */
export type DemoEvent = { readonly atMs: number } & (
  | {
      readonly kind: "title";
      readonly scenario: string;
      readonly title: string;
      readonly cluster: string;
      readonly seed: number;
      /** What is scripted: which faults begin when. */
      readonly script: readonly string[];
    }
  | { readonly kind: "chapter"; readonly title: string }
  /** A fault begins or ends, or a person does something: the script. */
  | { readonly kind: "injected"; readonly text: string }
  /** What happened in the cluster, whoever saw it. */
  | { readonly kind: "world"; readonly who: string; readonly text: string }
  /** A check of the review's monitoring shows another state; hard: people are told. */
  | {
      readonly kind: "nagios";
      readonly node: NodeName;
      readonly check: ReviewCheck;
      readonly state: NagiosState;
      readonly isHard: boolean;
      readonly attempt: number;
      readonly text: string;
    }
  /** What Quorate says; `lines` are its evidence, its refusals, its remedy. */
  | { readonly kind: "quorate"; readonly text: string; readonly lines: readonly string[] }
  | { readonly kind: "ladder"; readonly rows: readonly LadderRow[] }
  /** What a person finds who asks the cluster. */
  | { readonly kind: "look"; readonly text: string }
  /** Nothing is told until then. */
  | { readonly kind: "fast-forward"; readonly untilMs: number }
  | { readonly kind: "summary"; readonly rows: readonly SummaryRow[] }
);

/** An event before its time is added. */
export type NewDemoEvent = DemoEvent extends infer One ? (One extends DemoEvent ? Omit<One, "atMs"> : never) : never;
