import type { Disk } from "./host.ts";

/** Room that a control-plane node usually has: far above what k8s-dqlite asks for (10 MiB). */
const FREE_BYTES = 20 * 1024 ** 3;

/** A write that must reach an SSD takes 1 to 2 ms. */
const SYNC_MS = 2;

/** A disk as it usually is; faults change it. */
export function createDisk(): Disk {
  return { freeBytes: FREE_BYTES, syncMs: SYNC_MS };
}
