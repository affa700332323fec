import { actsOf, type JournalEntry, lastOf } from "../../src/core/runbooks/journal.ts";
import type { Run, RunStore } from "../../src/ports/run-store.ts";
import type { Process } from "../world/process.ts";

/** What ends the code that was running when its process was killed; nobody catches it but the room itself. */
export class ProcessEnded extends Error {
  override readonly name = "ProcessEnded";
}

/** The durable journal of runs: it outlives the processes that write it, as a file on a disk does. */
export interface LabRunStore {
  /** The journal as one process sees it: once that ended, every call throws. */
  openedBy(process: Process): RunStore;
  /**
   * The process that makes the nth entry from now durable (1: the next) is killed while it does: the entry is lost or
   * kept, as a power loss between the write and its sync leaves it.
   */
  killAtEntry(nth: number, isKept: boolean): void;
  /** Every run, oldest first. */
  runs(): readonly Run[];
  /** Told of each entry once it is durable. */
  onEntry(listener: (run: string, entry: JournalEntry) => void): void;
}

export function createLabRunStore(): LabRunStore {
  const runs = new Map<string, Run>();
  const listeners: ((run: string, entry: JournalEntry) => void)[] = [];
  let kill: { left: number; readonly isKept: boolean } | null = null;

  function put(id: string, entry: JournalEntry): Run {
    const run = { id, entries: [...(runs.get(id)?.entries ?? []), entry] };
    runs.set(id, run);
    for (const listener of listeners) listener(id, entry);
    return run;
  }

  function append(process: Process, id: string, entry: JournalEntry): Run {
    if (process.state === "ended") throw new ProcessEnded();
    if (kill !== null) kill.left -= 1;
    if (kill?.left !== 0) return put(id, entry);
    const { isKept } = kill;
    kill = null;
    if (isKept) put(id, entry);
    process.end({ code: "killed", signal: "KILL" });
    throw new ProcessEnded();
  }

  return {
    openedBy: (process) => ({
      openRuns: () => [...runs.values()].filter(({ entries }) => lastOf(entries, "closed") === null),
      create: (id, entry) => append(process, id, entry),
      append: (id, entry) => append(process, id, entry),
      pastActions: (sinceMs) =>
        [...runs.values()].flatMap(({ entries }) => actsOf(entries)).filter(({ atMs }) => atMs >= sinceMs),
      close: () => undefined,
    }),
    killAtEntry: (nth, isKept) => {
      kill = { left: nth, isKept };
    },
    runs: () => [...runs.values()],
    onEntry: (listener) => listeners.push(listener),
  };
}
