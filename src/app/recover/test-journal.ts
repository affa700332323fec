import type { PastAction } from "../../core/model/action.ts";
import { actsOf, type JournalEntry, lastOf } from "../../core/runbooks/journal.ts";
import type { Run, RunStore } from "../../ports/run-store.ts";

/** A journal in memory: it outlives the runs of a test as the file outlives a process. */
export interface TestJournal extends RunStore {
  /** Every run, oldest first. */
  runs(): readonly Run[];
  /** Acts of the past that no run here made. */
  readonly earlier: PastAction[];
}

export function createTestJournal(): TestJournal {
  const runs = new Map<string, Run>();
  const append = (id: string, entry: JournalEntry): Run => {
    const run = { id, entries: [...(runs.get(id)?.entries ?? []), entry] };
    runs.set(id, run);
    return run;
  };
  const earlier: PastAction[] = [];
  const made = () => [...runs.values()].flatMap(({ entries }) => actsOf(entries));
  return {
    runs: () => [...runs.values()],
    earlier,
    openRuns: () => [...runs.values()].filter(({ entries }) => lastOf(entries, "closed") === null),
    create: append,
    append,
    pastActions: (sinceMs) => [...earlier, ...made()].filter(({ atMs }) => atMs >= sinceMs),
    close: () => undefined,
  };
}

/** What a test throws where the process would have been killed. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** When the process dies: right before its nth entry would be durable, or right after it is. */
export interface Death {
  readonly when: "before" | "after";
  readonly entry: number;
}

/** The same journal for a process that dies at one of its entries. */
export function killedAt(journal: RunStore, { when, entry: nth }: Death): RunStore {
  return atEachEntry(journal, (count, entryAppended) => {
    if (count === nth && entryAppended === (when === "after")) throw new Killed(`killed ${when} entry ${nth}`);
  });
}

/** The same journal, with a look at each entry before and after it is durable. Counts from 1. */
export function atEachEntry(
  journal: RunStore,
  look: (count: number, isAppended: boolean, entry: JournalEntry) => void,
): RunStore {
  let count = 0;
  const put = (entry: JournalEntry, append: () => Run): Run => {
    count += 1;
    look(count, false, entry);
    const run = append();
    look(count, true, entry);
    return run;
  };
  return {
    ...journal,
    create: (id, entry) => put(entry, () => journal.create(id, entry)),
    append: (id, entry) => put(entry, () => journal.append(id, entry)),
  };
}
