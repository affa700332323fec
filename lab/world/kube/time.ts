/** metav1.Time: whole seconds, `2026-06-24T16:16:06Z`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** metav1.MicroTime, `2026-06-24T16:16:06.123000Z`; the lab's clocks know whole ms. */
export function microTimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

/** A metav1.Time or MicroTime in ms since the epoch; NaN when it is none. */
export function parseTimeMs(text: unknown): number {
  return typeof text === "string" ? Date.parse(text) : Number.NaN;
}
