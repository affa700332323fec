import type { NodeName } from "../../src/core/model/observation.ts";
import type { RungId } from "../../src/core/model/verdict.ts";
import type { Prng } from "../sim/prng.ts";
import type { ClusterSpec, World } from "../world/world.ts";

/** One fault of a run, as plain JSON: a plan is printed, replayed, and shrunk by leaving some of them out. */
export interface FaultPlan {
  /** The fault's id. */
  readonly fault: string;
  /** The nodes it is about; empty when it is about the cluster or about Quorate. */
  readonly nodes: readonly NodeName[];
  /** When it begins, ms after the safety phase began. */
  readonly atMs: number;
  /** How long it lasts; 0 for what happens at one instant. Its undo runs then. */
  readonly durationMs: number;
  /** Whatever else was drawn. `start` draws nothing, so that a plan with fewer faults acts the rest out unchanged. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** What a fault is drawn for. */
export interface FaultFrame {
  readonly spec: ClusterSpec;
  /** `atMs` is drawn of `fromMs` to `untilMs`; the fault may last longer, and is then undone when everything is healed. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A running Quorate, as a fault sees it. Killed, it is started anew by whoever supervises it, with its journal. */
export interface FaultyQuorate {
  /** Where it runs: a node, or the operator's machine. */
  readonly place: NodeName;
  /** SIGKILL at this very instant. */
  kill(): void;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  resume(): void;
  /**
   * SIGKILL while it makes its nth journal entry from now durable (1: the next): the entry is lost or kept. A kill at a
   * drawn instant hardly ever meets a run; this one always does, once there is one.
   */
  killAtEntry?(nth: number, isKept: boolean): void;
}

/** Something that goes wrong. One folder each, `index.ts` exports it; `lab/faults/registry.ts` lists them all as `FAULTS`. */
export interface Fault {
  /** Equal to the folder's name. */
  readonly id: string;
  readonly title: string;
  /** The lowest rung that it can break; null for noise, which must never lead to a finding. */
  readonly breaks: RungId | null;
  /**
   * What is left once it was undone and the cluster had a minute: `nothing`, at most what Quorate cures (`remedy`: a dead
   * poll, a mute stream), or what only a person puts right (`people`: a unit that was stopped).
   */
  readonly leaves: "nothing" | "remedy" | "people";
  /** Whether it can happen in such a cluster (poll death needs a release whose poll ends, a partition two nodes). */
  suits(spec: ClusterSpec): boolean;
  draw(random: Prng, frame: FaultFrame): FaultPlan;
  /**
   * Begins it now. The returned function undoes it and is called once: after `durationMs`, or when everything is healed.
   * Whatever it starts of its own (an Ansible run, a storm) ends with the undo. Never throws for a node that is down.
   */
  start(world: World, quorate: FaultyQuorate, plan: FaultPlan): () => void;
}
