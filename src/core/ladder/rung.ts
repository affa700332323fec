import type { NodeSnapshot, Snapshot } from "../model/snapshot.ts";
import type { Evidence, RungId, RungState, Verdict } from "../model/verdict.ts";

/** One rung of the ladder: a pure function from a snapshot to a verdict on one node. */
export interface Rung {
  readonly id: RungId;
  /** The question it answers, for `explain` and the docs. */
  readonly question: string;
  judge(snapshot: Snapshot, node: NodeSnapshot): Verdict;
}

/** What a rung's judge returns before its id and node are added. */
export interface Judgement {
  readonly state: RungState;
  readonly reason: string;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly resources?: readonly string[];
  readonly waitingFor?: string;
}

/** Completes a judgement into a verdict. */
export function verdict(rung: RungId, node: NodeSnapshot, judgement: Judgement): Verdict {
  return { rung, node: node.node, evidence: [], ...judgement };
}

/** An age as people read it: `850 ms`, `12.3 s`, `5 min 44 s`. */
export function ageText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
