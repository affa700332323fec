const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, at) => String(at).padStart(2, "0"));

/** `2026-06-24T`, made once a day: a cluster writes several times a second. */
let day = Number.NaN;
let dayText = "";

/** metav1.Time: whole seconds, `2026-06-24T16:16:06Z`. */
export function timeText(ms: number): string {
  return `${secondsText(ms)}Z`;
}

/** metav1.MicroTime, `2026-06-24T16:16:06.123000Z`; the lab's clocks know whole ms. */
export function microTimeText(ms: number): string {
  const fraction = Math.floor(ms) - Math.floor(ms / SECOND_MS) * SECOND_MS;
  return `${secondsText(ms)}.${fraction < 10 ? "00" : fraction < 100 ? "0" : ""}${fraction}000Z`;
}

function secondsText(ms: number): string {
  const today = Math.floor(ms / DAY_MS);
  if (today !== day) {
    day = today;
    dayText = new Date(today * DAY_MS).toISOString().slice(0, 11);
  }
  const seconds = Math.floor((ms - today * DAY_MS) / SECOND_MS);
  const minutes = Math.floor(seconds / 60);
  return `${dayText}${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
}

/** A metav1.Time or MicroTime in ms since the epoch; NaN when it is none. */
export function parseTimeMs(text: unknown): number {
  return typeof text === "string" ? Date.parse(text) : Number.NaN;
}
