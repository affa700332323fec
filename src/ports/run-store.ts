import type { PastAction } from "../core/model/action.ts";
import type { JournalEntry } from "../core/runbooks/journal.ts";

export interface Run {
  readonly id: string;
  readonly entries: readonly JournalEntry[];
}

/** The durable journal of runs. `append` returns only when the entry would survive a power loss. */
export interface RunStore {
  /** Runs without a `closed` entry, oldest first. */
  openRuns(): readonly Run[];
  /** Creates a run by its first entry (`opened`). */
  create(id: string, opened: JournalEntry): Run;
  append(id: string, entry: JournalEntry): Run;
  /** Acts that were done or may have been done since `sinceMs`, for the budgets. */
  pastActions(sinceMs: number): readonly PastAction[];
  close(): void;
}
