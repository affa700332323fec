import type { Evidence, RungId } from "./verdict.ts";
import type { NodeName, UnitRole } from "./observation.ts";

/** The only disruptive action of rungs 1 to 5: restart one unit on one node. */
export interface Action {
  readonly kind: "restart-unit";
  readonly node: NodeName;
  readonly role: UnitRole;
  /** The unit's name, verbatim. */
  readonly unit: string;
}

/** A disruptive action of the past, from the run journal: done, or begun and perhaps done. */
export interface PastAction {
  readonly node: NodeName;
  readonly atMs: number;
}

/** Why an action may not be done now. Data, rendered elsewhere. */
export interface Refusal {
  /** The guard rule's id. */
  readonly rule: string;
  /** Stable kebab-case word for machines. */
  readonly reason: string;
  /** One sentence: what stands against it. */
  readonly message: string;
  /** What the operator can do. */
  readonly next: string;
  readonly evidence: readonly Evidence[];
}

/** What to do about a broken rung: the smallest action that was measured to cure it. */
export interface Remedy {
  readonly rung: RungId;
  readonly action: Action;
  /** One sentence: why this and nothing larger. */
  readonly why: string;
}
