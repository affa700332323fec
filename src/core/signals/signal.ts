import type { JournalEntry } from "../model/journal-entry.ts";
import type { Profile } from "../profiles/profile.ts";

/** A journal entry that means something known. */
export interface Signal {
  /** The definition's id. */
  readonly id: string;
  /** When journald received the entry, ms since the epoch on the node's clock. */
  readonly atMs: number;
  /** The unit that logged it, as journald says. */
  readonly unit: string;
  /** What the line says, as short words and numbers; no object contents. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** One pattern in the journal: what it proves, and what people take it for. */
export interface SignalDefinition {
  /** Equal to the folder's name. */
  readonly id: string;
  readonly title: string;
  /** One sentence each, for `quorate explain`. */
  readonly proves: string;
  readonly provesNot: string;
  /**
   * The signal in this entry, or null. Only `unit` (`_SYSTEMD_UNIT`) decides whose word it is: a pod may print any line.
   */
  match(entry: JournalEntry, profile: Profile): Signal | null;
}
