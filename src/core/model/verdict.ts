import type { NodeName } from "./observation.ts";

/** Rungs 1 to 5, from the ground up. The lowest broken one is the cause. */
export const RUNG_IDS = ["unit", "quorum", "store", "feed", "cache"] as const;
export type RungId = (typeof RUNG_IDS)[number];

export type RungState = "ok" | "degraded" | "broken" | "unknown";

/** What a verdict rests on: one line per fact, each says what was read, where and when. */
export interface Evidence {
  /** What was read, in the field's words, for example `etcd Watch /registry/leases/: last event`. */
  readonly what: string;
  /** The value as a person reads it, for example `revision 694, 12.3 s ago`. */
  readonly value: string;
  readonly node: NodeName;
  readonly atMs: number;
  /** The bound that the value was held against, with its unit, when there is one. */
  readonly threshold?: string;
  /** Where the bound or the interpretation comes from. */
  readonly source?: string;
}

/** One rung's verdict on one node. */
export interface Verdict {
  readonly rung: RungId;
  readonly node: NodeName;
  readonly state: RungState;
  /** Stable kebab-case word for machines, for example `feed-behind-store`. */
  readonly reason: string;
  /** One plain sentence for people. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** For `cache`: the resources whose cache stands still. */
  readonly resources?: readonly string[];
  /** What more time would show; doctor waits for it within its budget. */
  readonly waitingFor?: string;
}
