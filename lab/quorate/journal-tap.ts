import type { JournalEntry } from "../../src/core/model/journal-entry.ts";
import { microk8s } from "../../src/core/profiles/microk8s/index.ts";
import { serviceName } from "../../src/core/profiles/profile.ts";
import { databaseLocked } from "../../src/core/signals/database-locked/index.ts";
import type { Host, JournalEntry as HostEntry } from "../world/host/host.ts";
import { UNITS } from "../world/world.ts";

/** `database is locked` of the datastore's unit in the last `windowMs` by the host's clock, by the production signal. */
export function countLockErrors(host: Host, windowMs: number): number {
  const nowMs = host.clock.nowMs();
  const entries = host.journal.read({
    fromMs: nowMs - windowMs,
    untilMs: nowMs + 1,
    matches: { _SYSTEMD_UNIT: serviceName(UNITS.datastore) },
  });
  let count = 0;
  for (const entry of entries) if (databaseLocked.match(coreEntry(entry), microk8s) !== null) count += 1;
  return count;
}

/** What the production parser makes of journalctl's export: the trusted fields, and the message. */
export function coreEntry({ cursor, realtimeMs, fields }: HostEntry): JournalEntry {
  const pid = Number(fields["_PID"] ?? Number.NaN);
  return {
    cursor,
    atMs: realtimeMs,
    bootId: fields["_BOOT_ID"] ?? null,
    unit: fields["_SYSTEMD_UNIT"] ?? null,
    aboutUnit: pid === 1 ? (fields["UNIT"] ?? null) : null,
    pid: Number.isNaN(pid) ? null : pid,
    transport: fields["_TRANSPORT"] ?? null,
    message: fields["MESSAGE"] ?? "",
    messageCut: false,
  };
}
