/** A cron schedule of five fields; times are UTC, as on hosts without another zone. */
export interface Schedule {
  /** The next minute strictly after `afterMs`, in ms since the epoch; null when there is none within four years. */
  nextMs(afterMs: number): number | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LIMIT_MS = 4 * 366 * DAY_MS;

const FIELDS = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12 },
  { min: 0, max: 7 },
] as const;

/** Understands numbers, lists, ranges, steps and the star; null for anything else. Names of months and days are not understood. */
export function parseSchedule(text: string): Schedule | null {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return null;
  const sets: ReadonlySet<number>[] = [];
  for (const [at, range] of FIELDS.entries()) {
    const set = parseField(parts[at] ?? "", range);
    if (set === null) return null;
    sets.push(set);
  }
  const [minutes, hours, days, months, weekdays] = sets as [Values, Values, Values, Values, Values];
  // As cron has it: when both are restricted, one of them is enough.
  const isEitherDay = parts[2] !== "*" && parts[4] !== "*";
  const isDay = (ms: number): boolean => {
    const date = new Date(ms);
    const isOfMonth = days.has(date.getUTCDate());
    const isOfWeek = weekdays.has(date.getUTCDay()) || (date.getUTCDay() === 0 && weekdays.has(7));
    return months.has(date.getUTCMonth() + 1) && (isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek);
  };
  return { nextMs: (afterMs) => search(afterMs, isDay, hours, minutes) };
}

type Values = ReadonlySet<number>;

function search(afterMs: number, isDay: (ms: number) => boolean, hours: Values, minutes: Values): number | null {
  let at = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  while (at <= afterMs + LIMIT_MS) {
    if (!isDay(at)) at = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
    else if (!hours.has(Math.floor(at / HOUR_MS) % 24)) at = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
    else if (!minutes.has(Math.floor(at / MINUTE_MS) % 60)) at += MINUTE_MS;
    else return at;
  }
  return null;
}

function parseField(text: string, { min, max }: { readonly min: number; readonly max: number }): Values | null {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return null;
    const [, first, last, step] = match;
    const from = first === undefined ? min : Number(first);
    // `5/10` is from 5 on, `5` is 5 alone.
    const to = last !== undefined ? Number(last) : first === undefined || step !== undefined ? max : from;
    const by = step === undefined ? 1 : Number(step);
    if (from < min || to > max || from > to || by === 0) return null;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}
