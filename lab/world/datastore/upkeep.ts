import type { DqliteMember } from "../dqlite/dqlite.ts";
import { printLine } from "../dqlite/lines.ts";
import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import type { Table } from "./datastore.ts";

/** k8s-dqlite's `kine-compact-interval`, and how many revisions it keeps. */
const COMPACT_MS = 300_000;
const KEPT_REVISIONS = 100;

/** `--low-available-storage-min` and how often it is looked at. With the usual action, none, it is only said. */
export const DISK_CHECK_MS = 5000;
const DISK_MIN_BYTES = 10 * 1024 * 1024;

/** Where MicroK8s keeps the datastore. */
export const BACKEND_DIR = "/var/snap/microk8s/current/var/kubernetes/backend";

/** The leader compacts. A failure is only traced, and tried again with the next one. */
export function compactAtTimes(process: Process, member: DqliteMember, table: Table, isLeader: () => boolean): void {
  const compact = () => {
    if (!isLeader() || table.revision - KEPT_REVISIONS <= table.compactedRevision) return;
    const run = () => table.compact(table.revision - KEPT_REVISIONS);
    member.statement({ kind: "write", run }, () => undefined);
  };
  process.every(COMPACT_MS, compact);
}

/** Says that room is short, as often as it looks. */
export function checkDisk(host: Host, process: Process): void {
  const { freeBytes } = host.disk;
  if (freeBytes >= DISK_MIN_BYTES) return;
  printLine(host, process, "info", "ignoring failed available disk storage check", {
    dir: BACKEND_DIR,
    error: `periodic check for available disk storage failed: available disk size (${freeBytes} bytes) is below minimum required (${DISK_MIN_BYTES} bytes)`,
  });
}
