import type { JournalEntry } from "../../core/model/journal-entry.ts";
import type { FieldValue } from "./export-fields.ts";
import { entryFromFields, WANTED_FIELDS } from "./export-fields.ts";

/**
 * Kept of one field. The longest lines that signals look at have a few hundred bytes; etcd's and klog's dumps reach tens
 * of KiB and are only shown. journald itself allows 768 MiB.
 */
export const FIELD_BYTES_MAX = 16 * 1024;

/** systemd's own limit for a field's data (DATA_SIZE_MAX, 768 MiB): a larger length means that we lost our place. */
const LENGTH_MAX = 768n * 1024n * 1024n;

const NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;
const KEPT: ReadonlySet<string> = new Set(["__CURSOR", "__REALTIME_TIMESTAMP", ...WANTED_FIELDS]);
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const LENGTH_BYTES = 8;

export interface ParserCounts {
  entries: number;
  /** Well-formed entries without a time: left out. */
  untimed: number;
  /** Fields that were longer than FIELD_BYTES_MAX and were cut. */
  cutFields: number;
}

/** Takes the bytes of `journalctl -o export` in any portions. */
export interface ExportParser {
  /** Returns the entries that these bytes complete. Never throws; keeps at most a few capped fields. */
  push(chunk: Buffer): JournalEntry[];
  /** Whether the stream would end in the middle of an entry here. */
  isInsideEntry(): boolean;
  /**
   * Whether the bytes were not the export format somewhere. Nothing is read from there on: an empty line that looks like the
   * next entry's beginning may be part of a message, and who wrote that message could forge entries of any unit.
   */
  isLost(): boolean;
  readonly counts: Readonly<ParserCounts>;
}

/** Where the parser is: in a line, in a binary field's length or data, or lost for good. */
type Place =
  | { readonly kind: "line" }
  | { readonly kind: "length"; readonly name: string }
  | { readonly kind: "data"; readonly name: string; left: number }
  | { readonly kind: "data-end" }
  | { readonly kind: "lost" };

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: `NAME=text` lines, or `NAME` and 64-bit little-endian length, data, newline. */
export function createExportParser(): ExportParser {
  const counts: ParserCounts = { entries: 0, untimed: 0, cutFields: 0 };
  let place: Place = { kind: "line" };
  let fields = new Map<string, FieldValue>();
  let sawField = false;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let cut = false;

  /** Keeps what fits of a piece of the current line or value. */
  function keep(piece: Buffer): void {
    const room = FIELD_BYTES_MAX - keptBytes;
    if (piece.length > room) cut = true;
    if (room <= 0) return;
    const part = piece.subarray(0, room);
    // A copy: the chunk belongs to the stream, and a few bytes must not hold on to all of it.
    kept.push(Buffer.from(part));
    keptBytes += part.length;
  }

  function takeKept(): FieldValue {
    const value = { bytes: kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept), cut };
    kept = [];
    keptBytes = 0;
    cut = false;
    return value;
  }

  function setField(name: string, value: FieldValue): void {
    sawField = true;
    if (value.cut) counts.cutFields += 1;
    // A field may come twice; the first is kept. journald writes its own fields once.
    if (KEPT.has(name) && !fields.has(name)) fields.set(name, value);
  }

  function endEntry(entries: JournalEntry[]): void {
    if (!sawField) return;
    const entry = entryFromFields(fields);
    if (entry === null) counts.untimed += 1;
    else {
      counts.entries += 1;
      entries.push(entry);
    }
    fields = new Map();
    sawField = false;
  }

  function lose(): Place {
    fields = new Map();
    sawField = false;
    takeKept();
    return { kind: "lost" };
  }

  /** What a complete line means; returns the next place. */
  function endLine(entries: JournalEntry[]): Place {
    const line = takeKept();
    if (line.bytes.length === 0) {
      endEntry(entries);
      return { kind: "line" };
    }
    const equals = line.bytes.indexOf(EQUALS);
    const name = line.bytes.toString("latin1", 0, equals < 0 ? line.bytes.length : equals);
    if (!NAME.test(name)) return lose();
    if (equals < 0) return { kind: "length", name };
    setField(name, { bytes: line.bytes.subarray(equals + 1), cut: line.cut });
    return { kind: "line" };
  }

  function endLength(name: string): Place {
    const length = takeKept().bytes.readBigUInt64LE();
    if (length > LENGTH_MAX) return lose();
    return { kind: "data", name, left: Number(length) };
  }

  function push(chunk: Buffer): JournalEntry[] {
    const entries: JournalEntry[] = [];
    let at = 0;
    while (at < chunk.length || (place.kind === "data" && place.left === 0)) {
      switch (place.kind) {
        case "line": {
          const end = chunk.indexOf(NEWLINE, at);
          keep(chunk.subarray(at, end < 0 ? chunk.length : end));
          at = end < 0 ? chunk.length : end + 1;
          if (end >= 0) place = endLine(entries);
          break;
        }
        case "length": {
          const end = Math.min(chunk.length, at + LENGTH_BYTES - keptBytes);
          keep(chunk.subarray(at, end));
          at = end;
          if (keptBytes === LENGTH_BYTES) place = endLength(place.name);
          break;
        }
        case "data": {
          const end = Math.min(chunk.length, at + place.left);
          if (KEPT.has(place.name)) keep(chunk.subarray(at, end));
          place.left -= end - at;
          at = end;
          if (place.left > 0) break;
          setField(place.name, takeKept());
          place = { kind: "data-end" };
          break;
        }
        case "data-end": {
          const isNewline = chunk[at] === NEWLINE;
          if (isNewline) at += 1;
          place = isNewline ? { kind: "line" } : lose();
          break;
        }
        case "lost":
          return entries;
      }
    }
    return entries;
  }

  return {
    push,
    counts,
    isInsideEntry: () => sawField || keptBytes > 0 || place.kind !== "line",
    isLost: () => place.kind === "lost",
  };
}
