import type { NodeName, UnitRole } from "../../src/core/model/observation.ts";
import type { RungId } from "../../src/core/model/verdict.ts";

/** What a person says: which rung of which node is broken, or that nothing is. */
export interface Said {
  readonly atMs: number;
  readonly rung: RungId | "ok";
  /** Null with `ok`. */
  readonly node: NodeName | null;
}

/** What a person did to a unit, by ssh or by Quorate. */
export interface Act {
  readonly atMs: number;
  readonly node: NodeName;
  readonly role: UnitRole;
  readonly what: "restart" | "stop" | "start";
}

/** A time without a dqlite leader. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is right in a drill. */
export interface Answer {
  /** Any one of these is the right thing to say; empty: nothing is broken, and `ok` is right. */
  readonly causes: readonly { readonly rung: RungId; readonly node: NodeName }[];
  /** The restart that cures; null: no restart does, and the right act is to leave the units alone. */
  readonly restart: { readonly node: NodeName; readonly role: UnitRole } | null;
  /** A unit that must stay stopped. */
  readonly staysStopped: NodeName | null;
}

/** All that a score rests on: the world's truth and the person's acts. Times in ms of the world. */
export interface DrillRecord {
  readonly drill: string;
  readonly answer: Answer;
  readonly startedAtMs: number;
  /** When it broke; for a drill in which nothing does, when the noise began. */
  readonly brokeAtMs: number;
  /** From when on a cure was possible: what broke it was over. Null: it never was. */
  readonly curableAtMs: number | null;
  /** When all was well for good; null: it was not, or never could be (a unit that stays stopped). */
  readonly wellAtMs: number | null;
  readonly endedAtMs: number;
  readonly limitMs: number;
  readonly said: readonly Said[];
  readonly acts: readonly Act[];
  readonly outages: readonly Outage[];
  /** Deployments, CronJobs and the like that were there and are gone, or were scaled down. */
  readonly lostWorkloads: readonly string[];
  /** Nodes that were left cordoned. */
  readonly cordoned: readonly NodeName[];
}
