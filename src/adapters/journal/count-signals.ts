import type { Reading } from "../../core/model/observed.ts";
import { known } from "../../core/model/observed.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import type { SignalDefinition } from "../../core/signals/signal.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { readJournalRange } from "./read-range.ts";

/** Newest entries that are looked at: a contended datastore prints some ten lines a second. Past it the count is too low. */
const LINES_MAX = 20_000;

export interface CountRequest {
  readonly units: readonly string[];
  /** How far back, by the node's own clock. */
  readonly windowMs: number;
  readonly deadlineMs: number;
}

/** Counts one signal in the journal of a node's last `windowMs`. Never throws. */
export async function countSignals(
  access: NodeAccess,
  signal: SignalDefinition,
  profile: Profile,
  { units, windowMs, deadlineMs }: CountRequest,
): Promise<Reading<number>> {
  const since = { agoMs: windowMs };
  const range = await readJournalRange(access, { units, since, until: "now", linesMax: LINES_MAX, deadlineMs });
  if (!range.known) return range;
  return known(range.value.entries.filter((entry) => signal.match(entry, profile) !== null).length);
}
