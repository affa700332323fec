import type { CacheTrack, NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/verdict.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";

/**
 * So many consistent LISTs in a row must have waited 3 s for the cache in vain (apiserver storage/cacher,
 * `blockTimeout`). One may meet a slow store or a cache that is just being rebuilt. And each asks the datastore for
 * progress, which moves a healthy cache even when its resource is idle, so two in a row are proof: about 6 s.
 */
export const CACHE_WAITS_MIN = 2;

/** A cache that does not show an event on its resource this long after it was delivered is frozen: healthy is 1.6 s. */
export const CACHE_BEHIND_MS = 3000;

const BOUND = `${CACHE_WAITS_MIN} waits of 3 s in vain, or behind an event for ${CACHE_BEHIND_MS} ms`;

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

/** Frozen: enough waits in vain, or a read that still did not show an event after the bound. */
function isFrozen(track: CacheTrack): boolean {
  if (track.pending === null || track.still === null) return false;
  if (track.pending.by === "list") return track.pending.waits >= CACHE_WAITS_MIN;
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
    waitingFor: "the cache to follow, or a second LIST that waits 3 s for it in vain",
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
      threshold: BOUND,
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
    threshold: BOUND,
    source: "apiserver storage/cacher: a consistent LIST waits 3 s for the cache",
  };
}
