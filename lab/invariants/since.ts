/** Since when something has held without a break, and when it last held. Fed by looks, so as exact as they are often. */
export interface Since {
  /** Tells whether it holds now. */
  see(key: string, holds: boolean, nowMs: number): void;
  /** How long it has held without a break; 0 when it does not. */
  forMs(key: string, nowMs: number): number;
  /** How long ago it last held; Infinity when it never did. */
  agoMs(key: string, nowMs: number): number;
  /** It is to be proven anew from now on. */
  restart(key: string, nowMs: number): void;
}

export function createSince(): Since {
  const since = new Map<string, number>();
  const last = new Map<string, number>();
  return {
    see: (key, holds, nowMs) => {
      if (!holds) {
        since.delete(key);
        return;
      }
      if (!since.has(key)) since.set(key, nowMs);
      last.set(key, nowMs);
    },
    forMs: (key, nowMs) => nowMs - (since.get(key) ?? nowMs),
    agoMs: (key, nowMs) => nowMs - (last.get(key) ?? Number.NEGATIVE_INFINITY),
    restart: (key, nowMs) => {
      if (since.has(key)) since.set(key, nowMs);
    },
  };
}
