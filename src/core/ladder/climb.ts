import { askedMembers } from "../history/fold.ts";
import { ownVoter } from "../history/own-voter.ts";
import type { NodeName } from "../model/observation.ts";
import type { NodeSnapshot, Snapshot } from "../model/snapshot.ts";
import type { RungId, RungState, Verdict } from "../model/verdict.ts";
import { leaderView } from "../quorum/leader-view.ts";
import { tolerates } from "../quorum/majority.ts";
import { RUNGS } from "./registry.ts";
import type { Rung } from "./rung.ts";
import { excuseStarting } from "./starting.ts";

/** The lowest broken rung of one node, and what stands above it as consequence. */
export interface Cause {
  readonly node: NodeName;
  readonly rung: RungId;
  readonly verdict: Verdict;
  /** Rungs above that are not ok: not causes of their own. */
  readonly consequences: readonly RungId[];
  /** Rungs below that could not be judged: the cause may lie there. */
  readonly unknownBelow: readonly RungId[];
  /**
   * How many voters there are, when this node's is one of too few for any to be restarted with a majority left (one or
   * two); null when there are more, when its member has no vote, and while that is not known.
   */
  readonly votersTooFew: number | null;
}

export interface NodeLadder {
  readonly node: NodeName;
  /** From the ground up, in the order of `RUNGS`. */
  readonly verdicts: readonly Verdict[];
  readonly cause: Cause | null;
}

/** The matrix node by rung with its causes. */
export interface Ladder {
  readonly atMs: number;
  readonly nodes: readonly NodeLadder[];
  /** The causes, the lowest rung first. */
  readonly causes: readonly Cause[];
  /** Broken before unknown before degraded before ok: unknown is never healthy. */
  readonly state: RungState;
  /** What more time would show, deduplicated; empty when every rung is decided. */
  readonly waitingFor: readonly string[];
}

/** Climbs the ladder on every node of the snapshot. Other rungs are for trials that must show a broken one to be caught. */
export function climb(snapshot: Snapshot, rungs: readonly Rung[] = RUNGS): Ladder {
  const nodes = snapshot.nodes.map((node) => climbNode(snapshot, node, rungs));
  const verdicts = nodes.flatMap((node) => node.verdicts);
  const causes = nodes.flatMap((node) => (node.cause === null ? [] : [node.cause]));
  return {
    atMs: snapshot.nowMs,
    nodes,
    causes: causes.sort((a, b) => rank(a.rung) - rank(b.rung)),
    state: worst(verdicts.map((verdict) => verdict.state)),
    waitingFor: waiting(nodes),
  };
}

function climbNode(snapshot: Snapshot, node: NodeSnapshot, rungs: readonly Rung[]): NodeLadder {
  const verdicts = rungs.map((rung) => excuseStarting(snapshot, node, rung.judge(snapshot, node)));
  const lowest = verdicts.findIndex((verdict) => verdict.state === "broken");
  const verdict = verdicts[lowest];
  if (verdict === undefined) return { node: node.node, verdicts, cause: null };
  const cause: Cause = {
    node: node.node,
    rung: verdict.rung,
    verdict,
    consequences: verdicts.slice(lowest + 1).flatMap((above) => (above.state === "ok" ? [] : [above.rung])),
    unknownBelow: verdicts.slice(0, lowest).flatMap((below) => (below.state === "unknown" ? [below.rung] : [])),
    votersTooFew: tooFewVoters(snapshot, node.node),
  };
  return { node: node.node, verdicts, cause };
}

function tooFewVoters(snapshot: Snapshot, node: NodeName): number | null {
  const { voters } = leaderView(askedMembers(snapshot));
  const own = ownVoter(snapshot, node, voters);
  return own.known && own.value !== null && tolerates(voters.length) === 0 ? voters.length : null;
}

/**
 * What is worth waiting for. Above a broken rung nothing is: the cause is named. (A mute cache above a dead feed shows
 * nothing that the feed has not shown.)
 */
function waiting(nodes: readonly NodeLadder[]): readonly string[] {
  const open = nodes.flatMap(({ node, verdicts, cause }) => {
    const below = cause === null ? verdicts : verdicts.slice(0, rank(cause.rung));
    return below.flatMap((verdict) => (verdict.waitingFor === undefined ? [] : [`${node}: ${verdict.waitingFor}`]));
  });
  return [...new Set(open)];
}

function rank(rung: RungId): number {
  return RUNGS.findIndex((one) => one.id === rung);
}

const WORST_FIRST: readonly RungState[] = ["broken", "unknown", "degraded", "ok"];

/** The worst state of a list; unknown for an empty one. */
export function worst(states: readonly RungState[]): RungState {
  return WORST_FIRST.find((state) => states.includes(state)) ?? "unknown";
}
