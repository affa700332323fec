import type { Cause, Ladder } from "../../../src/core/ladder/climb.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import { RUNG_IDS, type RungId, type RungState } from "../../../src/core/model/verdict.ts";
import type { QuorateEvent } from "../../quorate/events.ts";
import type { Sim } from "../../sim/sim.ts";
import type { LadderRow, NewDemoEvent } from "../event.ts";

/** A cause that Quorate named. */
export interface Named {
  readonly atMs: number;
  readonly node: NodeName;
  readonly rung: RungId;
}

/** What Quorate said so far. */
export interface QuorateVoice {
  /** To be handed every event of the watching Quorate. */
  readonly hear: (event: QuorateEvent) => void;
  readonly named: readonly Named[];
  /** Each change of the whole cluster's state, oldest first. */
  readonly states: readonly { readonly atMs: number; readonly state: RungState }[];
}

/** A ladder is drawn once it stood still for this long: a matrix that flickers tells nothing. */
const SETTLED_MS = 3000;

/** As many lines of evidence as a person reads; all of them are in doctor's own page. */
const EVIDENCE_MAX = 3;

/**
 * Tells what Quorate names at once, and draws its ladder when it has come to rest and says something else than the one
 * before: another cause, or another state of the whole. What is not decided yet is not drawn.
 */
export function createQuorateVoice(sim: Sim, tell: (event: NewDemoEvent) => void): QuorateVoice {
  const named: Named[] = [];
  const states: { atMs: number; state: RungState }[] = [];
  let current = new Map<string, Cause>();
  let drawn = "";
  let latest: Ladder | null = null;

  function settle(ladder: Ladder): void {
    if (latest !== ladder || ladder.state === "unknown") return;
    const says = `${ladder.state}: ${ladder.causes.map(({ node, rung }) => `${node} ${rung}`).join(", ")}`;
    if (says !== drawn) tell({ kind: "ladder", rows: rowsOf(ladder) });
    drawn = says;
  }

  function nameCauses(ladder: Ladder): void {
    const causes = new Map(ladder.causes.map((cause) => [`${cause.node} ${cause.rung}`, cause]));
    const fresh = [...causes].flatMap(([key, cause]) => (current.has(key) ? [] : [cause]));
    for (const { node, rung } of fresh) named.push({ atMs: sim.nowMs(), node, rung });
    for (const same of groups(fresh)) tell({ kind: "quorate", ...namedText(same) });
    if (causes.size === 0 && current.size > 0) {
      tell({ kind: "quorate", text: "names no cause any more", lines: [] });
    }
    current = causes;
  }

  return {
    named,
    states,
    hear: (event) => {
      if (event.kind !== "ladder") return;
      const { ladder } = event;
      if (states.at(-1)?.state !== ladder.state) states.push({ atMs: sim.nowMs(), state: ladder.state });
      nameCauses(ladder);
      latest = ladder;
      sim.after(SETTLED_MS, () => settle(ladder));
    },
  };
}

export function rowsOf(ladder: Ladder): readonly LadderRow[] {
  return ladder.nodes.map(({ node, verdicts, cause }) => {
    const states = Object.fromEntries(RUNG_IDS.map((id) => [id, "unknown"])) as Record<RungId, RungState>;
    for (const { rung, state } of verdicts) states[rung] = state;
    return { node, states, cause: cause?.rung ?? null };
  });
}

/** The same finding on several nodes is one sentence. */
function groups(causes: readonly Cause[]): readonly (readonly [Cause, ...Cause[]])[] {
  const found = new Map<string, [Cause, ...Cause[]]>();
  for (const cause of causes) {
    const key = `${cause.rung} ${cause.verdict.reason}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [cause]);
    else group.push(cause);
  }
  return [...found.values()];
}

function namedText(causes: readonly [Cause, ...Cause[]]): { readonly text: string; readonly lines: readonly string[] } {
  const [first] = causes;
  const nodes = causes.map(({ node }) => node).join(", ");
  const { evidence } = first.verdict;
  const lines = evidence.slice(0, EVIDENCE_MAX).map(({ what, value, node }) => `${what}: ${value} (on ${node})`);
  const more = evidence.length - lines.length;
  if (more > 0) lines.push(`and ${more} more like these`);
  return { text: `CAUSE ${nodes}, rung ${first.rung}: ${first.verdict.message}`, lines };
}
