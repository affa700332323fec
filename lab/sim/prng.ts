/** A stream of pseudo-random numbers. Integers and ratios only: no floating point, so every machine draws the same. */
export interface Prng {
  /** An integer of 0 to 2^32 - 1. */
  next(): number;
  /** An integer of `min` to `max`, both possible. Throws RangeError when `max < min` or the span exceeds 2^32. */
  between(min: number, max: number): number;
  /** True in `numerator` of `denominator` draws. */
  chance(numerator: number, denominator: number): boolean;
  /** One of the items, each as likely. Throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T;
  /** `digits` hexadecimal digits. */
  hex(digits: number): string;
}

const SPAN = 2 ** 32;

/**
 * A stream from a master seed and a name: one subsystem's draws never move another's (after FoundationDB and
 * TigerBeetle). The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded by FNV-1a of the name.
 */
export function createPrng(seed: number, name: string): Prng {
  let a = seed >>> 0;
  let b = hash(name);
  let c = Math.floor(seed / SPAN) >>> 0;
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  const between = (min: number, max: number): number => {
    const span = max - min + 1;
    if (span < 1 || span > SPAN) throw new RangeError(`no integer between ${min} and ${max}`);
    return min + Math.floor((next() / SPAN) * span);
  };
  return {
    next,
    between,
    chance: (numerator, denominator) => between(1, denominator) <= numerator,
    pick: <T>(items: readonly T[]): T => {
      const item = items[between(0, items.length - 1)];
      if (items.length === 0) throw new RangeError("nothing to pick from");
      return item as T;
    },
    hex: (digits) => {
      let text = "";
      while (text.length < digits) text += next().toString(16).padStart(8, "0");
      return text.slice(0, digits);
    },
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
