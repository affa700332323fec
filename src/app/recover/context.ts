import type { Rule } from "../../core/guard/rule.ts";
import type { PastAction } from "../../core/model/action.ts";
import type { NodeName } from "../../core/model/observation.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import type { JournalEntry } from "../../core/runbooks/journal.ts";
import type { nextStep } from "../../core/runbooks/renew-watches/index.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import type { Run, RunStore } from "../../ports/run-store.ts";
import type { Observer } from "../observer.ts";

/** All that a run needs of the world. */
export interface RecoverContext {
  readonly nodes: readonly NodeTaps[];
  readonly profile: Profile;
  readonly clock: Clock;
  readonly store: RunStore;
  readonly observer: Observer;
  /** Aborts at Ctrl-C: the run stops at the next moment at which nothing is left half done. */
  readonly signal: AbortSignal;
  /** One line of progress for people. */
  readonly say: (line: string) => void;
  /** Other rules and steps than the registered ones, for trials that must show a broken one to be caught. */
  readonly rules?: readonly Rule[];
  readonly nextStep?: typeof nextStep;
}

/** An entry before its time is added. */
export type NewEntry = JournalEntry extends infer One ? (One extends JournalEntry ? Omit<One, "atMs"> : never) : never;

/** Appends durably; returns the run with the entry. */
export function append(context: RecoverContext, run: Run, entry: NewEntry): Run {
  return context.store.append(run.id, { atMs: context.clock.nowMs(), ...entry });
}

/** The taps of a node by its name. */
export function tapsOf(context: RecoverContext, node: NodeName): NodeTaps | null {
  return context.nodes.find((taps) => taps.node === node) ?? null;
}

const DAY_MS = 86_400_000;

/** What was done within the last day, for the budgets. */
export function pastActions(context: RecoverContext): readonly PastAction[] {
  return context.store.pastActions(context.clock.nowMs() - DAY_MS);
}
