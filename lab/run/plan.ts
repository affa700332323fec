import type { NodeName } from "../../src/core/model/observation.ts";
import type { Fault, FaultPlan } from "../faults/fault.ts";
import { FAULTS } from "../faults/registry.ts";
import { createPrng, type Prng } from "../sim/prng.ts";
import { RELEASES, type ReleaseId } from "../world/releases.ts";
import { type ClusterSpec, OPERATOR_MACHINE } from "../world/world.ts";

export interface QuoratePlan {
  readonly name: string;
  readonly from: NodeName;
  readonly mode: "observe" | "recover";
}

/** Everything that one run acts out, as plain JSON: printed first, and enough to act it out again. */
export interface Plan {
  readonly seed: number;
  readonly spec: ClusterSpec;
  readonly quorates: readonly QuoratePlan[];
  /** A one-shot doctor that often while nothing goes on. */
  readonly doctorEveryMs: number;
  /** From power-on until the faults may begin. */
  readonly warmUpMs: number;
  readonly safetyMs: number;
  readonly livenessMs: number;
  readonly faults: readonly FaultPlan[];
  /**
   * From `atMs` on the first Quorate dies while it makes its nth journal entry durable, which is kept or lost: the instants
   * that a kill at a drawn time hardly ever meets.
   */
  readonly deaths: readonly DeathPlan[];
}

export interface DeathPlan {
  readonly atMs: number;
  readonly nth: number;
  readonly isKept: boolean;
}

export interface PlanOptions {
  /** Length of the safety phase in virtual days; default 1. */
  readonly days?: number;
  /** Only these faults of the drawn plan, by their place in it. */
  readonly only?: readonly number[];
  /** Draws from these only, and densely, and heals for minutes only: for trials. */
  readonly kinds?: readonly string[];
  /** Never draws these. */
  readonly without?: readonly string[];
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Booting, an election, an apiserver's first lists, the controllers' Leases: a cold cluster is calm well before. */
const WARM_UP_MS = 5 * MINUTE_MS;

/** A hung holder's lock runs out after 15 min, a second try follows, and a proof takes two minutes: half an hour covers them. */
const LIVENESS_MS = 40 * MINUTE_MS;

/** Faults meet each other only when they come close together: they are drawn in episodes of this length. */
const EPISODE_MS = 6 * MINUTE_MS;

/** A trial with chosen kinds of faults has an episode every ten minutes, and no time to wait for locks to run out. */
const TRIAL = { episodeMs: 3 * MINUTE_MS, slotMs: 10 * MINUTE_MS, livenessMs: 5 * MINUTE_MS } as const;

/** Three nodes are what the field has; the others have rules of their own in the voter arithmetic. */
const NODE_COUNTS = [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 2, 4, 5, 6, 7] as const;

/** The incident's release most often: the only ones whose polls end for good are 1.34 to 1.36. */
const RELEASE_IDS: readonly ReleaseId[] = ["1.35", "1.35", "1.35", "1.34", "1.36", "1.33", "1.31", "1.28"];

/** Draws a run: who is there, what goes wrong and when. The same seed and options give the same plan. */
export function planOf(seed: number, options: PlanOptions = {}): Plan {
  const random = createPrng(seed, "plan");
  const days = options.days ?? 1;
  const spec = drawSpec(random);
  const safetyMs = Math.round(days * DAY_MS);
  const quorates = drawQuorates(random, spec);
  const faults = drawFaults(random, { spec, safetyMs, ...options });
  return {
    seed,
    spec,
    quorates,
    doctorEveryMs: random.between(5, 15) * MINUTE_MS,
    warmUpMs: WARM_UP_MS,
    safetyMs,
    livenessMs: options.kinds === undefined ? LIVENESS_MS : TRIAL.livenessMs,
    deaths: drawDeaths(random, safetyMs),
    faults: options.only === undefined ? faults : faults.filter((_, at) => options.only?.includes(at)),
  };
}

function drawSpec(random: Prng): ClusterSpec {
  const count = random.pick(NODE_COUNTS);
  const nodes = Array.from({ length: count }, (_, at) => ({
    name: `k8s0${at + 1}`,
    address: `192.0.2.${11 + at}`,
  }));
  const release = random.pick(RELEASE_IDS);
  if (RELEASES[release] === undefined) throw new Error(`no release ${release}`);
  return { nodes, release, workload: random.pick(["idle", "small", "small", "pir"] as const) };
}

function drawQuorates(random: Prng, spec: ClusterSpec): readonly QuoratePlan[] {
  const onNode = () => random.pick(spec.nodes).name;
  const first = { name: "quorate", from: random.chance(2, 3) ? OPERATOR_MACHINE : onNode(), mode: "recover" as const };
  if (!random.chance(1, 5)) return [first];
  return [first, { name: "second", from: onNode(), mode: random.chance(1, 2) ? "recover" : "observe" }];
}

/** Swarm testing: a run has only some kinds of faults, so that none of them always hides what another one would show. */
function drawFaults(
  random: Prng,
  { spec, safetyMs, kinds, without = [] }: PlanOptions & { readonly spec: ClusterSpec; readonly safetyMs: number },
): readonly FaultPlan[] {
  const all: readonly Fault[] = FAULTS.filter(({ id }) => !without.includes(id));
  const possible = all.filter((fault) => fault.suits(spec) && (kinds === undefined || kinds.includes(fault.id)));
  const chosen = possible.filter(() => kinds !== undefined || random.chance(2, 5));
  if (chosen.length === 0) return [];
  const faults: FaultPlan[] = [];
  for (const fromMs of drawEpisodes(random, safetyMs, kinds !== undefined)) {
    const untilMs = fromMs + (kinds === undefined ? EPISODE_MS : TRIAL.episodeMs);
    const count = kinds === undefined ? random.between(1, 4) : random.between(2, 4);
    for (let drawn = 0; drawn < count; drawn += 1) {
      faults.push(random.pick(chosen).draw(random, { spec, fromMs, untilMs }));
    }
  }
  return faults.sort((one, other) => one.atMs - other.atMs);
}

/** When each episode begins. */
function drawEpisodes(random: Prng, safetyMs: number, isTrial: boolean): readonly number[] {
  if (isTrial) {
    const count = Math.max(1, Math.floor(safetyMs / TRIAL.slotMs));
    return Array.from({ length: count }, (_, at) => at * TRIAL.slotMs + random.between(0, TRIAL.episodeMs));
  }
  const count = Math.max(1, Math.min(random.between(1, 5), Math.floor(safetyMs / (2 * EPISODE_MS))));
  const slotMs = Math.floor(safetyMs / count);
  const restMs = Math.max(0, slotMs - 2 * EPISODE_MS);
  return Array.from({ length: count }, (_, at) => at * slotMs + random.between(0, restMs));
}

function drawDeaths(random: Prng, safetyMs: number): readonly DeathPlan[] {
  const count = random.chance(1, 3) ? random.between(1, 3) : 0;
  return Array.from({ length: count }, () => ({
    atMs: random.between(0, safetyMs),
    nth: random.between(1, 8),
    isKept: random.chance(1, 2),
  }));
}

/** The plan as a person reads it, one line each. */
export function planText(plan: Plan): string {
  const { spec, quorates, faults } = plan;
  const who = quorates.map(({ name, from, mode }) => `${name} on ${from} (${mode})`).join(", ");
  const lines = faults.map(
    ({ fault, nodes, atMs, durationMs, parameters }, at) =>
      `  ${String(at).padStart(2)}  ${clockText(atMs)}  ${fault}  ${nodes.join(",")}  ${durationMs / 1000} s  ${JSON.stringify(parameters)}`,
  );
  return [
    `seed ${plan.seed}: ${spec.nodes.length} nodes, MicroK8s ${spec.release}, workload ${spec.workload}; ${who}; doctor every ${plan.doctorEveryMs / MINUTE_MS} min; ${(plan.safetyMs / DAY_MS).toFixed(2)} days`,
    ...lines,
    ...plan.deaths.map(
      ({ atMs, nth, isKept }) =>
        `      ${clockText(atMs)}  Quorate dies at its entry ${nth} from then on, which is ${isKept ? "kept" : "lost"}`,
    ),
  ].join("\n");
}

/** Time since the faults may begin, as `h:mm:ss.mmm`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, "0")}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
