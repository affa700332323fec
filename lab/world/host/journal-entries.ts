import type { JournalEntry } from "./host.ts";

/** Half an hour of a datastore that prints some lines a second; journald itself keeps by bytes (SystemMaxUse=). */
const ENTRIES_MAX = 10_000;

/** How often, in entries, the old ones are looked for. */
const LOOK_EVERY = 1_000;

/** A day: longer than any look back here, and what is older only costs memory. */
const AGE_MAX_MS = 24 * 3600 * 1000;

/** Kept entries, oldest first, in the order of their writing. */
export interface Entries {
  append(entry: JournalEntry): void;
  /** Those with `fromMs <= realtimeMs < untilMs` that have all these fields. */
  read(fromMs: number, untilMs: number, matches: Readonly<Record<string, string>>): readonly JournalEntry[];
  /** Drops what was written before the first entry of `realtimeMs` or later. */
  dropBefore(realtimeMs: number): void;
  readonly size: number;
}

/** Bounded by number and age. */
export function createEntries(entriesMax = ENTRIES_MAX, ageMaxMs = AGE_MAX_MS): Entries {
  let kept: JournalEntry[] = [];
  /** Where the host's clock was set back: within two of them, times only grow. Places in `kept`; the first is 0. */
  let runs: number[] = [0];
  let appended = 0;

  function append(entry: JournalEntry): void {
    const last = kept.at(-1);
    if (last !== undefined && entry.realtimeMs < last.realtimeMs) runs.push(kept.length);
    kept.push(entry);
    appended += 1;
    // Seldom and many at once: an array is cut by copying it.
    if (kept.length >= entriesMax * 2) drop(kept.length - entriesMax);
    else if (appended % LOOK_EVERY === 0) dropBefore(entry.realtimeMs - ageMaxMs);
  }

  function drop(count: number): void {
    kept = kept.slice(count);
    runs = [0, ...runs.map((start) => start - count).filter((start) => start > 0)];
  }

  function dropBefore(realtimeMs: number): void {
    const first = kept.findIndex((entry) => entry.realtimeMs >= realtimeMs);
    drop(first === -1 ? kept.length : first);
  }

  function read(fromMs: number, untilMs: number, matches: Readonly<Record<string, string>>): readonly JournalEntry[] {
    const wanted = Object.entries(matches);
    const found: JournalEntry[] = [];
    for (let run = 0; run < runs.length; run += 1) {
      const end = runs[run + 1] ?? kept.length;
      for (let at = firstFrom(kept, runs[run] as number, end, fromMs); at < end; at += 1) {
        const entry = kept[at] as JournalEntry;
        if (entry.realtimeMs >= untilMs) break;
        if (fits(entry, wanted)) found.push(entry);
      }
    }
    return found;
  }

  return {
    append,
    read,
    dropBefore,
    get size() {
      return kept.length;
    },
  };
}

/** The first place in `from..until` whose entry is not before `realtimeMs`; times only grow there. */
function firstFrom(entries: readonly JournalEntry[], from: number, until: number, realtimeMs: number): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as JournalEntry).realtimeMs < realtimeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fits(entry: JournalEntry, wanted: readonly (readonly [string, string])[]): boolean {
  for (const [name, value] of wanted) if (entry.fields[name] !== value) return false;
  return true;
}
