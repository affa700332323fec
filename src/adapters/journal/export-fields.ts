import type { JournalEntry } from "../../core/model/journal-entry.ts";

/** What an entry is made of; every other field is skipped without being kept. `__` fields always come. */
export const WANTED_FIELDS = ["MESSAGE", "_SYSTEMD_UNIT", "_PID", "_TRANSPORT", "_BOOT_ID", "UNIT"] as const;

/** One field's value as it was kept. */
export interface FieldValue {
  readonly bytes: Buffer;
  readonly cut: boolean;
}

/** systemd's own lines come from process 1, which journald puts into this unit. */
const SYSTEMD_PID = 1;
const SYSTEMD_UNIT = "init.scope";

/** Builds an entry from its fields; null without a usable time, which journald always writes. Pure. */
export function entryFromFields(fields: ReadonlyMap<string, FieldValue>): JournalEntry | null {
  const realtimeUs = text(fields, "__REALTIME_TIMESTAMP");
  // 16 digits of microseconds reach the year 2286 and stay below 2^53.
  if (realtimeUs === null || !/^\d{1,16}$/.test(realtimeUs)) return null;
  const unit = text(fields, "_SYSTEMD_UNIT");
  const pidText = text(fields, "_PID") ?? "";
  const pid = /^\d{1,10}$/.test(pidText) ? Number(pidText) : null;
  const message = fields.get("MESSAGE");
  return {
    cursor: text(fields, "__CURSOR"),
    atMs: Math.floor(Number(realtimeUs) / 1_000),
    bootId: text(fields, "_BOOT_ID"),
    unit,
    // Anybody may set UNIT; only process 1's word is taken for it.
    aboutUnit: pid === SYSTEMD_PID && unit === SYSTEMD_UNIT ? text(fields, "UNIT") : null,
    pid,
    transport: text(fields, "_TRANSPORT"),
    message: message?.bytes.toString("utf8") ?? "",
    messageCut: message?.cut ?? false,
  };
}

/** A short field's text; null when it is missing, or was cut (half a unit name is none). */
function text(fields: ReadonlyMap<string, FieldValue>, name: string): string | null {
  const value = fields.get(name);
  return value === undefined || value.cut ? null : value.bytes.toString("utf8");
}
