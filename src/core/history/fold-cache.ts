import type { CacheRead } from "../model/observation.ts";
import type { Reading } from "../model/observed.ts";
import type { CacheTrack } from "../model/snapshot.ts";

/**
 * From this latency on, a LIST with unset resourceVersion has waited for its watch cache and fallen back to storage.
 * The apiserver waits 3 s (apiserver storage/cacher `blockTimeout`); measured on a frozen cache: 3,010 to 3,900 ms,
 * healthy: 10 to 25 ms. 2.5 s leaves room for coarse timers and is far above any healthy answer.
 */
export const CONSISTENT_READ_FALLBACK_MS = 2500;

/** A pair of LISTs was read for one resource. */
export function foldCache(track: CacheTrack | null, reading: Reading<CacheRead>, atMs: number): CacheTrack {
  const last = { ...reading, observedAtMs: atMs };
  const before = track ?? { pending: null, caughtUpAtMs: null, still: null };
  if (!reading.known) return { ...before, last };
  const { latest, cache } = reading.value;
  const still =
    before.still !== null && before.still.revision === cache.revision
      ? { ...before.still, lastReadAtMs: atMs }
      : { revision: cache.revision, sinceMs: atMs, lastReadAtMs: atMs };
  const owed = stillOwed(before.pending, reading.value) ?? newlyOwed(reading.value, atMs);
  const reached = owed === null && latest !== null && latest.revision !== null && cache.revision >= latest.revision;
  const paidOff = before.pending !== null && cache.revision >= before.pending.revision;
  return { last, pending: owed, still, caughtUpAtMs: reached || paidOff ? atMs : before.caughtUpAtMs };
}

/**
 * A watch event told a revision of exactly this resource (the feed tap watches Leases): the cache must reach it. This
 * judges Leases on apiservers that answer consistent LISTs straight from storage (before 1.31, or no progress support).
 */
export function foldResourceRevision(track: CacheTrack | null, revision: number, atMs: number): CacheTrack | null {
  if (track === null || track.pending !== null) return track;
  if (track.still !== null && track.still.revision >= revision) return { ...track, caughtUpAtMs: atMs };
  return { ...track, pending: { revision, seenAtMs: atMs, by: "event" } };
}

/** The store could not be read at `atMs`: this time does not count against the cache, as with the feed. */
export function foldStoreFailureIntoCache(track: CacheTrack, atMs: number): CacheTrack {
  if (track.pending === null) return track;
  const anew = track.pending.by === "list" ? { ...track.pending, waits: 0 } : track.pending;
  return { ...track, pending: { ...anew, seenAtMs: atMs } };
}

/**
 * A consistent LIST that is answered at once takes back what a slow one told: this apiserver does not wait for that
 * cache, or has just brought it up to date, so what was slow was the network, the store or we.
 */
function stillOwed(pending: CacheTrack["pending"], { latest, cache }: CacheRead): CacheTrack["pending"] {
  if (pending === null || cache.revision >= pending.revision) return null;
  if (pending.by === "event" || latest === null) return pending;
  return hasWaited(latest, cache) ? { ...pending, waits: pending.waits + 1 } : null;
}

/**
 * A cache that lags behind a consistent LIST owes that revision only if the LIST waited for the cache and gave up. A
 * fast LIST beside an older cache is how apiservers without consistent reads from cache look for an idle resource.
 */
function newlyOwed({ latest, cache }: Pick<CacheRead, "latest" | "cache">, atMs: number): CacheTrack["pending"] {
  if (latest === null || !hasWaited(latest, cache)) return null;
  const revision = latest.revision ?? cache.revision + 1;
  return cache.revision < revision ? { revision, seenAtMs: atMs, by: "list", waits: 1 } : null;
}

/** Whether the consistent LIST waited for the cache and gave up, and the cache still is behind it. */
export function hasWaitedInVain({ latest, cache }: Pick<CacheRead, "latest" | "cache">): boolean {
  return newlyOwed({ latest, cache }, 0) !== null;
}

/** What the way itself costs is measured by the cached LIST right after it: a slow link is no wait. */
function hasWaited(latest: { readonly latencyMs: number }, cache: { readonly latencyMs: number }): boolean {
  return latest.latencyMs - cache.latencyMs >= CONSISTENT_READ_FALLBACK_MS;
}
