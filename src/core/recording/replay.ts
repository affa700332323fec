import { advance, emptySnapshot, fold } from "../history/fold.ts";
import { climb, type Ladder } from "../ladder/climb.ts";
import type { NodeName } from "../model/observation.ts";
import type { RungId, RungState } from "../model/verdict.ts";
import type { Recording } from "./recording.ts";

/** How often the ladder is climbed while a recording is replayed: finer than any threshold, coarse enough to be quick. */
const STEP_MS = 250;

/**
 * A state must hold this long to be told as a change. Between two heartbeats a rung may be undecided for a moment;
 * broken is told at once.
 */
const SETTLED_MS = 1500;

/** Of a longer gap without any observation only the end is looked at; nothing but ages changes in it. */
const GAP_MS_MAX = 600_000;

/** One rung of one node changed its state. */
export interface Change {
  readonly atMs: number;
  readonly node: NodeName;
  readonly rung: RungId;
  readonly from: RungState;
  readonly to: RungState;
  readonly message: string;
  /** Whether it is the lowest broken rung of its node. */
  readonly isCause: boolean;
  /** The whole ladder at that moment. */
  readonly ladder: Ladder;
}

/** The ladder at the end of a recording, with all that was seen. */
export function finalLadder({ header, observations }: Recording): Ladder {
  return climb(observations.reduce(fold, emptySnapshot(header.nodes, header.startedAtMs)));
}

/** The changes of all rungs over a recording, in order: what a person watching doctor would have seen. */
export function changes({ header, observations }: Recording): readonly Change[] {
  let snapshot = emptySnapshot(header.nodes, header.startedAtMs);
  let nextMs = header.startedAtMs + STEP_MS;
  const told = new Map<string, RungState>();
  const seen = new Map<string, { readonly state: RungState; readonly sinceMs: number }>();
  const found: Change[] = [];
  for (const observation of observations) {
    nextMs = Math.max(nextMs, observation.atMs - GAP_MS_MAX);
    while (observation.atMs >= nextMs) {
      snapshot = advance(snapshot, nextMs);
      found.push(...step(climb(snapshot), told, seen));
      nextMs += STEP_MS;
    }
    snapshot = fold(snapshot, observation);
  }
  found.push(...step(climb(snapshot), told, seen));
  return found;
}

function step(
  ladder: Ladder,
  told: Map<string, RungState>,
  seen: Map<string, { readonly state: RungState; readonly sinceMs: number }>,
): readonly Change[] {
  const found: Change[] = [];
  for (const { node, verdicts, cause } of ladder.nodes) {
    for (const { rung, state, message } of verdicts) {
      const key = `${node}/${rung}`;
      const before = seen.get(key);
      const held = before?.state === state ? before : { state, sinceMs: ladder.atMs };
      seen.set(key, held);
      const from = told.get(key) ?? "unknown";
      const isSettled = state === "broken" || ladder.atMs - held.sinceMs >= SETTLED_MS;
      if (from === state || !isSettled) continue;
      told.set(key, state);
      found.push({ atMs: ladder.atMs, node, rung, from, to: state, message, isCause: cause?.rung === rung, ladder });
    }
  }
  return found;
}
