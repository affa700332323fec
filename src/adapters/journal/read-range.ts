import type { JournalEntry } from "../../core/model/journal-entry.ts";
import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import { serviceName } from "../../core/profiles/profile.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { deadlineIn } from "../net/deadline.ts";
import { commandFailure, lastLine } from "../node/command-failure.ts";
import { WANTED_FIELDS } from "./export-fields.ts";
import { createExportParser } from "./export-parser.ts";

/** Bytes taken from one journalctl: about 100,000 entries, read in about a second. */
const RANGE_BYTES_MAX = 64 * 1024 * 1024;

/** An instant on the node's clock, or so long ago by the node's clock (which may not be ours). */
export type JournalSince = { readonly atMs: number } | { readonly agoMs: number };

export interface JournalRangeRequest {
  /** Units by name; their own lines and systemd's lines about them. Empty: everything. */
  readonly units: readonly string[];
  readonly since: JournalSince;
  /** An instant on the node's clock, or its own now: lines dated ahead, from before its clock was set back, are left out. */
  readonly until?: { readonly atMs: number } | "now";
  /** The newest so many entries. */
  readonly linesMax: number;
  readonly deadlineMs: number;
}

export interface JournalRange {
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** False when there are older entries in the range than were asked for, or more bytes than are taken. */
  readonly complete: boolean;
  /** Entries without a time: left out. */
  readonly untimed: number;
  /** Fields that were longer than FIELD_BYTES_MAX and were cut. */
  readonly cutFields: number;
  /** What journalctl warned of while it read, for example a damaged file that it left out; null when nothing. */
  readonly warning: string | null;
}

/** Words common to every journalctl that we start: no pager, no hints, no `-- Boot --` lines between the entries. */
export function journalctlArgv(units: readonly string[], more: readonly string[]): readonly string[] {
  const fields = `--output-fields=${WANTED_FIELDS.join(",")}`;
  const unitWords = units.map((unit) => `--unit=${serviceName(unit)}`);
  return ["journalctl", "--quiet", "--no-pager", "--output=export", fields, ...unitWords, ...more];
}

/** Seconds since the epoch with a fraction, as journalctl takes it. */
export function journalTime(ms: number): string {
  return `@${(ms / 1_000).toFixed(3)}`;
}

/** journalctl's relative times have whole seconds here: rounded up, never too short. */
export function sinceWord(since: JournalSince): string {
  return `--since=${"atMs" in since ? journalTime(since.atMs) : `-${Math.ceil(since.agoMs / 1_000)}s`}`;
}

function untilWord(until: NonNullable<JournalRangeRequest["until"]>): string {
  return `--until=${until === "now" ? until : journalTime(until.atMs)}`;
}

/**
 * Reads entries of a node's journal as root (anybody else sees only a part of it, silently). A journal without any file is
 * `not-found`: it is not the same as a quiet unit. Never throws.
 */
export async function readJournalRange(
  access: NodeAccess,
  request: JournalRangeRequest,
): Promise<Reading<JournalRange>> {
  const deadline = deadlineIn(request.deadlineMs);
  const until = request.until === undefined ? [] : [untilWord(request.until)];
  // One more than wanted tells whether there are more.
  const range = [sinceWord(request.since), ...until, `--lines=${request.linesMax + 1}`];
  const argv = journalctlArgv(request.units, range);
  const result = await access.run(argv, {
    deadlineMs: deadline.leftMs(),
    asRoot: true,
    outputBytesMax: RANGE_BYTES_MAX,
  });
  const cutShort = result.outcome === "output-limit";
  if (!cutShort && (result.outcome !== "exited" || result.exitCode !== 0)) {
    const failure = commandFailure(result, `${access.name}: journalctl`);
    return unknown(failure.reason, failure.message);
  }
  const parser = createExportParser();
  const entries = parser.push(result.stdout);
  if (parser.isLost()) return unknown("protocol", `${access.name}: journalctl: its output is not the export format`);
  if (entries.length === 0) {
    const empty = await whyEmpty(access, deadline.leftMs());
    if (empty !== null) return empty;
  }
  return known({
    entries: entries.slice(-request.linesMax),
    complete: !cutShort && !parser.isInsideEntry() && entries.length <= request.linesMax,
    untimed: parser.counts.untimed,
    cutFields: parser.counts.cutFields,
    warning: lastLine(result.stderr) || null,
  });
}

/** With no journal files at all, journalctl prints nothing and exits 0: ask for any entry of anybody. */
async function whyEmpty(access: NodeAccess, deadlineMs: number): Promise<Reading<never> | null> {
  const result = await access.run(journalctlArgv([], ["--lines=1"]), { deadlineMs, asRoot: true });
  if (result.outcome !== "exited" || result.exitCode !== 0) {
    const failure = commandFailure(result, `${access.name}: journalctl`);
    return unknown(failure.reason, failure.message);
  }
  if (result.stdout.length > 0) return null;
  const warning = lastLine(result.stderr);
  const words = `${access.name}: the journal is empty: no journal files, or none that can be read`;
  return unknown("not-found", warning === "" ? words : `${words}: ${warning}`);
}
