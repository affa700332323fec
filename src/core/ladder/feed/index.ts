import type { NodeName } from "../../model/observation.ts";
import type { FeedTrack, NodeSnapshot, PendingRevision, Snapshot } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/verdict.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";

/**
 * A store revision that the node's Watch and its progress replies still do not show after this long proves a dead
 * feed. Events of other nodes' writes are polled once a second: healthy delivery was measured at up to 1.6 s, and
 * below 3 s nothing may alarm (facts.md 5.2).
 */
export const FEED_BEHIND_MS = 3000;

/**
 * The same, on a stream that answers no progress requests (kine while its poll stalls, k8s-dqlite before 1.6): only
 * Lease events can show a revision there. Kubelets renew every 10 s, so one heartbeat and a half must have passed.
 */
export const FEED_BEHIND_WITHOUT_PROGRESS_MS = 15_000;

/**
 * The same, while a dqlite member has only just fallen silent: the poll may hang on its connection to that member and go
 * on when it answers again. Measured on a surviving node: the store was served anew 7 s before the feed was. The poll's
 * own query ends after 20 s (k8s-dqlite `--watch-query-timeout`), for good or for bad.
 */
export const FEED_BEHIND_WHILE_MEMBER_SILENT_MS = 23_000;

/** A member that has been silent for longer holds no poll up any more. */
const MEMBER_SILENT_FOR_LONG_MS = 60_000;

/** The last proof of delivery may be this old: kubelets alone renew a Lease every 10 s. */
export const FEED_PROOF_MAX_AGE_MS = 15_000;

/**
 * A stream that was older than this when it fell behind may be mute by itself: a reader that slept for minutes (a laptop
 * that was closed, a stopped process) fills the 100 places of its queue in the datastore, one poll a second, and the
 * stream then stays open, mute, and answers with its old revision, just as a dead feed does. A younger stream cannot
 * have been filled. The older one is opened anew once, and the new one's word counts: on a dead feed that is mute too.
 * A feed that dies under an old stream, as most real ones do, is therefore named about 5 s later (opening within 1 s,
 * one new revision, 3 s without it); a doctor that was just started has no old streams.
 */
export const FEED_STREAM_TRUSTED_MS = 90_000;

const DOUBTED = "own-stream-doubted";

const SOURCE = "measured: a dead poll loop answers progress requests with the old revision";

/** Rung 4: does the datastore of this node still deliver watch events? */
export const feedRung: Rung = {
  id: "feed",
  question: "Does the datastore of this node still deliver watch events?",
  judge: (snapshot, node) => verdict("feed", node, judge(snapshot, node)),
};

/** Whether the node's Watch must be opened anew before its silence says anything about the feed. */
export function isFeedStreamDoubted(snapshot: Snapshot, name: NodeName): boolean {
  const node = snapshot.nodes.find((one) => one.node === name);
  return node !== undefined && judge(snapshot, node).reason === DOUBTED;
}

function judge(snapshot: Snapshot, node: NodeSnapshot): Judgement {
  const track = node.feed;
  if (track === null) {
    const message = "no Watch was opened yet";
    return { state: "unknown", reason: "not-read-yet", message, waitingFor: "a Watch at the datastore" };
  }
  const evidence = feedEvidence(node, track);
  if (!track.stream.known) {
    const message = `no Watch at the datastore: ${track.stream.detail}`;
    const isOpening = track.stream.reason === "not-read-yet";
    const waiting = isOpening ? { waitingFor: "a Watch at the datastore" } : {};
    return { state: "unknown", reason: track.stream.reason, message, evidence, ...waiting };
  }
  return { ...judgeDelivery(snapshot, node, track), evidence };
}

function judgeDelivery(snapshot: Snapshot, node: NodeSnapshot, track: FeedTrack): Judgement {
  const owed = track.pending[0];
  const late = owed === undefined ? null : judgeLate(snapshot, node, track, owed);
  if (late !== null) return late;
  const proofAgeMs = track.caughtUpAtMs === null ? null : snapshot.nowMs - track.caughtUpAtMs;
  if (proofAgeMs !== null && proofAgeMs <= FEED_PROOF_MAX_AGE_MS) {
    const message = `watch events arrive: revision ${track.deliveredRevision ?? 0} was delivered`;
    return { state: "ok", reason: "delivered", message };
  }
  if (owed === undefined) {
    return {
      state: "unknown",
      reason: "no-heartbeat-seen",
      message: "no write passed while this Watch was open, so nothing had to be delivered",
      waitingFor: "a heartbeat: Leases are renewed every 2 to 10 s",
    };
  }
  return {
    state: "unknown",
    reason: "delivery-pending",
    message: `revision ${owed.revision} is in the store and not delivered yet (${ageText(behindMs(node, track, owed.seenAtMs))})`,
    waitingFor: `delivery, or ${ageText(boundMs(snapshot, track))} without it`,
  };
}

/**
 * Past the bound: a stream that shows nothing new is dead; one that still moves is alive and late (right after a
 * restart the poll replays up to 5 minutes of history before it is live), and an old one may be mute by itself.
 */
function judgeLate(snapshot: Snapshot, node: NodeSnapshot, track: FeedTrack, owed: PendingRevision): Judgement | null {
  const bound = boundMs(snapshot, track);
  if (behindMs(node, track, owed.seenAtMs) <= bound) return null;
  const shown = track.deliveredRevision === null ? "nothing" : `revision ${track.deliveredRevision}`;
  const newest = node.store?.lastServed?.revision ?? owed.revision;
  const where = `the store is at revision ${newest}, its Watch shows ${shown} (behind for ${ageText(snapshot.nowMs - owed.seenAtMs)})`;
  if (behindMs(node, track, Math.max(owed.seenAtMs, track.movedAtMs ?? 0)) <= bound) {
    return { state: "degraded", reason: "feed-late", message: `watch events arrive late: ${where}` };
  }
  if (owed.seenAtMs - track.stream.observedAtMs > FEED_STREAM_TRUSTED_MS) {
    const message = `this Watch shows nothing new and is so old that it may be mute by itself: ${where}`;
    return {
      state: "unknown",
      reason: DOUBTED,
      message,
      waitingFor: "a new Watch to show whether only this one is mute",
    };
  }
  const message = `the datastore delivers no watch events: ${where}`;
  return { state: "broken", reason: "feed-behind-store", message };
}

function boundMs(snapshot: Snapshot, track: FeedTrack): number {
  const hangs = Object.values(snapshot.members).some(
    ({ reading, silentSinceMs }) =>
      !reading.known &&
      reading.reason === "deadline" &&
      silentSinceMs !== null &&
      snapshot.nowMs - silentSinceMs < MEMBER_SILENT_FOR_LONG_MS,
  );
  if (hangs) return FEED_BEHIND_WHILE_MEMBER_SILENT_MS;
  return track.lastProgress === null ? FEED_BEHIND_WITHOUT_PROGRESS_MS : FEED_BEHIND_MS;
}

/**
 * For how long it is proven that nothing came: up to the last answer of the stream itself (or, on a stream without
 * progress replies, up to the last served read). Silence of our own tap is not proof.
 */
function behindMs(node: NodeSnapshot, track: FeedTrack, sinceMs: number): number {
  const heardAtMs = track.lastProgress?.atMs ?? node.store?.lastServed?.atMs ?? sinceMs;
  return Math.max(0, heardAtMs - sinceMs);
}

function feedEvidence(node: NodeSnapshot, track: FeedTrack): readonly Evidence[] {
  const at = { node: node.node, atMs: track.stream.observedAtMs };
  if (!track.stream.known) return [{ what: "etcd Watch /registry/leases/", value: track.stream.detail, ...at }];
  const lines: Evidence[] = [];
  const store = node.store?.lastServed;
  if (store != null)
    lines.push({ what: "the store's revision", value: String(store.revision), node: node.node, atMs: store.atMs });
  const event = track.lastEvent;
  const eventText = event === null ? "none since the Watch was opened" : `revision ${event.revision}`;
  lines.push({
    what: "etcd Watch /registry/leases/: last event",
    value: eventText,
    node: node.node,
    atMs: event?.atMs ?? track.stream.observedAtMs,
    threshold: `behind for ${FEED_BEHIND_MS} ms`,
    source: SOURCE,
  });
  const progress = track.lastProgress;
  if (progress !== null) {
    const value = `revision ${progress.revision}`;
    lines.push({ what: "etcd WatchProgressRequest: last reply", value, node: node.node, atMs: progress.atMs });
  }
  if (node.metrics?.pollFlatSinceMs != null) {
    const value = "stands still while other queries go on: the poll loop has ended";
    const atMs = node.metrics.last.observedAtMs;
    lines.push({ what: "k8s-dqlite metric after_sql_limit", value, node: node.node, atMs });
  }
  return lines;
}
