/**
 * One entry of a node's journal, reduced to what may be relied on. Fields with an underscore in front are set by journald
 * itself and cannot be forged by the process that logs; everything else is that process's own word.
 */
export interface JournalEntry {
  /** journald's position of this entry; opaque. After a re-import only its b, m, t and x parts stay the same. */
  readonly cursor: string | null;
  /** When journald received it, ms since the epoch on the node's clock. */
  readonly atMs: number;
  /** `_BOOT_ID`, 32 hex digits. */
  readonly bootId: string | null;
  /** `_SYSTEMD_UNIT`, with its ending: the unit that logged. Null for the kernel. */
  readonly unit: string | null;
  /**
   * The unit that systemd itself speaks of (`Started …`, `Stopping …`): those entries come from `init.scope` and name the unit
   * in `UNIT`. Null when the writer is not process 1.
   */
  readonly aboutUnit: string | null;
  /** `_PID`. */
  readonly pid: number | null;
  /** `_TRANSPORT`: stdout, journal, syslog, driver, kernel, audit. */
  readonly transport: string | null;
  /** MESSAGE as text: bad UTF-8 is replaced, control characters are kept (take them out before a terminal sees it). */
  readonly message: string;
  /** Whether MESSAGE was longer than the reader's cap and was cut. */
  readonly messageCut: boolean;
}
