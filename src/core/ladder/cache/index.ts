import type { CacheTrack, NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/verdict.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";

/**
 * A watch cache that still does not show a revision which it must reach, this long after that revision was read, is
 * frozen. The apiserver itself gives up after 3 s (`blockTimeout`), a healthy cache follows within 1.6 s; the truth
 * was read before the wait began, so the whole proof takes about 6 s.
 */
export const CACHE_BEHIND_MS = 3000;

/** A resource that was seen to follow counts as proven for this long: each is read at least every 10 s. */
export const CACHE_PROOF_MAX_AGE_MS = 15_000;

/** Rung 5: does this apiserver's watch cache keep up, for each resource? */
export const cacheRung: Rung = {
  id: "cache",
  question: "Does this apiserver's watch cache keep up, for each resource?",
  judge: (snapshot, node) => verdict("cache", node, judge(snapshot, node)),
};

function judge(snapshot: Snapshot, node: NodeSnapshot): Judgement {
  const resources = Object.entries(node.caches).sort(([a], [b]) => (a < b ? -1 : 1));
  if (resources.length === 0) {
    const message = "no watch cache was read yet";
    return { state: "unknown", reason: "not-read-yet", message, waitingFor: "a first LIST of each resource" };
  }
  const frozen = resources.filter(([, track]) => isFrozen(track));
  if (frozen.length > 0) return judgeFrozen(snapshot, node, frozen, resources.length);
  const unread = resources.filter(([, track]) => !track.last.known);
  if (unread.length > 0) return judgeUnread(unread, resources.length);
  const pending = resources.filter(([, track]) => isOpen(track));
  if (pending.length > 0) return judgePending(pending);
  return judgeCaughtUp(snapshot, node, resources);
}

/** Frozen: a read, more than the bound after the revision was known, still did not show it. */
function isFrozen(track: CacheTrack): boolean {
  if (track.pending === null || track.still === null) return false;
  return track.still.lastReadAtMs - track.pending.seenAtMs > CACHE_BEHIND_MS;
}

/**
 * Not decided: a read made after the revision was known did not show it, or the cache was never seen to follow. A
 * revision that is newer than the last read says nothing yet about a cache that has followed so far.
 */
function isOpen(track: CacheTrack): boolean {
  if (track.pending === null) return false;
  return track.caughtUpAtMs === null || track.still === null || track.still.lastReadAtMs >= track.pending.seenAtMs;
}

function isProven(snapshot: Snapshot, { caughtUpAtMs }: CacheTrack): boolean {
  return caughtUpAtMs !== null && snapshot.nowMs - caughtUpAtMs <= CACHE_PROOF_MAX_AGE_MS;
}

type Named = readonly [string, CacheTrack];

function judgeFrozen(snapshot: Snapshot, node: NodeSnapshot, frozen: readonly Named[], total: number): Judgement {
  const names = frozen.map(([name]) => name);
  const whole = frozen.length === total;
  const which = whole ? `all ${total} resources that were read` : names.join(", ");
  return {
    state: "broken",
    reason: whole ? "caches-frozen" : "cache-frozen",
    message: `the apiserver's watch cache stands still for ${which}: clients see old data there`,
    resources: names,
    evidence: frozen.map((one) => cacheEvidence(snapshot, node, one)),
  };
}

function judgeUnread(unread: readonly Named[], total: number): Judgement {
  const [name, track] = unread[0] as Named;
  const last = track.last as Extract<CacheTrack["last"], { known: false }>;
  const waiting = unread.find(([, { last }]) => !last.known && last.reason === "not-read-yet");
  const message = `${unread.length} of ${total} resources could not be read, ${name}: ${last.detail}`;
  const waitingFor = waiting === undefined ? {} : { waitingFor: `a first LIST of ${waiting[0]}` };
  return { state: "unknown", reason: last.reason, message, ...waitingFor };
}

function judgePending(pending: readonly Named[]): Judgement {
  const names = pending.map(([name]) => name).join(", ");
  return {
    state: "unknown",
    reason: "cache-pending",
    message: `the watch cache has not shown the newest revision yet for ${names}`,
    waitingFor: `the cache to follow, or ${ageText(CACHE_BEHIND_MS)} without it`,
  };
}

/**
 * Apiservers without consistent reads from cache give no proof for an idle resource: its cache stands still and is
 * healthy. There the rung rests on the resources that were seen to follow, and says which.
 */
function judgeCaughtUp(snapshot: Snapshot, node: NodeSnapshot, resources: readonly Named[]): Judgement {
  const proven = resources.filter(([, track]) => isProven(snapshot, track)).map(([name]) => name);
  if (proven.length === 0) {
    const message = `no resource was seen to follow within ${ageText(CACHE_PROOF_MAX_AGE_MS)} (an apiserver that answers consistent LISTs from storage shows it on Leases only)`;
    return { state: "unknown", reason: "not-proven", message, waitingFor: "an event on Leases" };
  }
  const evidence: Evidence[] = [
    {
      what: "LIST with resourceVersion=0 against LIST with unset resourceVersion",
      value: `${proven.length} of ${resources.length} resources followed`,
      node: node.node,
      atMs: Math.max(...resources.map(([, track]) => track.last.observedAtMs)),
      threshold: `behind for ${CACHE_BEHIND_MS} ms`,
    },
  ];
  const some = proven.length === resources.length ? "" : `; judged only: ${proven.join(", ")}`;
  return { state: "ok", reason: "following", message: `watch caches keep up${some}`, evidence };
}

function cacheEvidence(snapshot: Snapshot, node: NodeSnapshot, [name, track]: Named): Evidence {
  const owed = track.pending;
  const still = track.still;
  const shown =
    still === null ? "nothing" : `revision ${still.revision}, unchanged for ${ageText(snapshot.nowMs - still.sinceMs)}`;
  return {
    what: `LIST ${name} with resourceVersion=0`,
    value:
      `${shown}; the store was at ${owed?.revision ?? "an unknown revision"} ${owed === null ? "" : `${ageText(snapshot.nowMs - owed.seenAtMs)} ago`}`.trim(),
    node: node.node,
    atMs: track.last.observedAtMs,
    threshold: `behind for ${CACHE_BEHIND_MS} ms`,
    source: "apiserver storage/cacher: a consistent LIST waits 3 s for the cache",
  };
}
