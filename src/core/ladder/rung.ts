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
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.round((ms - minutes * 60_000) / 1000)} s`;
}
