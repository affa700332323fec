import type { Ladder } from "../../src/core/ladder/climb.ts";
import type { NodeName } from "../../src/core/model/observation.ts";
import type { Run } from "../../src/ports/run-store.ts";
import type { FaultPlan } from "../faults/fault.ts";
import type { QuorateEvent } from "../quorate/events.ts";
import type { UnitChange } from "../world/host/host.ts";
import type { Truth } from "./truth.ts";

/** What happened in the world. */
export type WorldEvent = { readonly atMs: number } & (
  | { readonly kind: "unit"; readonly change: UnitChange }
  /** The node that really leads changed; null during an election. */
  | { readonly kind: "leader"; readonly leader: NodeName | null }
  | { readonly kind: "fault"; readonly plan: FaultPlan; readonly is: "begun" | "undone" }
  /** `liveness`: everything is healed and nothing goes wrong any more; `over`: the run has ended. */
  | { readonly kind: "phase"; readonly phase: Phase }
);

export type Phase = "safety" | "liveness" | "over";

export type LabEvent = WorldEvent | QuorateEvent;

/** A Quorate, as an invariant looks at it. */
export interface WatchedQuorate {
  readonly name: string;
  readonly place: NodeName;
  readonly nodes: readonly NodeName[];
  readonly mode: "observe" | "recover";
  readonly state: "running" | "paused" | "down";
  /** Since when it observes continuously; null while it does not. */
  readonly watchingSinceMs: number | null;
  readonly ladder: Ladder | null;
  /** Its journal. */
  runs(): readonly Run[];
}

export interface InvariantContext {
  readonly truth: Truth;
  readonly quorates: readonly WatchedQuorate[];
}

/** A law that was broken: one sentence with what, where and by how much. */
export interface Violation {
  readonly message: string;
}

/** One run's watch over one invariant. Each function tells the first violation that it sees. */
export interface InvariantWatch {
  onEvent?(event: LabEvent): Violation | null;
  /** Called each second of virtual time while a Quorate watches or a fault is on, and each minute otherwise. */
  check?(): Violation | null;
  /** Called once, at the end of the liveness phase. */
  finish?(): Violation | null;
}

/** What must hold in every run. One folder each; `registry.ts` lists them all. */
export interface Invariant {
  /** Equal to the folder's name. */
  readonly id: string;
  readonly title: string;
  /** Number of the law in the readme of the project; null when it is about what Quorate says and not about what it does. */
  readonly law: number | null;
  create(context: InvariantContext): InvariantWatch;
}

export function violation(message: string): Violation {
  return { message };
}

/**
 * Something that changed less than this before an act may not have been readable yet: a decision's reads are at most 8 s
 * old (the guard's own bound), and the command itself takes up to 2 s on its way.
 */
export const UNSEEN_MS = 10_000;

/** Whether a unit's change was made by a Quorate, and by which. */
export function quorateOf(change: UnitChange): string | null {
  return change.by.startsWith("quorate/") ? change.by.slice("quorate/".length) : null;
}

/** The taken-down half of each restart by a Quorate: the moment of the act. */
export function restartBy(event: LabEvent): { readonly quorate: string; readonly change: UnitChange } | null {
  if (event.kind !== "unit" || event.change.what !== "stopping") return null;
  const quorate = quorateOf(event.change);
  return quorate === null ? null : { quorate, change: event.change };
}
