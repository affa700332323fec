import type { FeedTrack, PendingRevision } from "../model/snapshot.ts";
import type { Reading } from "../model/observed.ts";

/**
 * How many undelivered store revisions are remembered per stream. Reads come about once a second and a dead feed is
 * named after seconds; past the cap the oldest are kept, since only their age decides.
 */
const PENDING_REVISIONS_MAX = 64;

const NOTHING_YET: Omit<FeedTrack, "stream"> = {
  baselineRevision: null,
  deliveredRevision: null,
  lastEvent: null,
  lastProgress: null,
  pending: [],
  movedAtMs: null,
  caughtUpAtMs: null,
};

/** A stream was created or ended: what the old one still owed says nothing about the new one. */
export function foldFeedStream(reading: Reading<{ readonly revision: number }>, atMs: number): FeedTrack {
  return { ...NOTHING_YET, stream: { ...reading, observedAtMs: atMs } };
}

/** The store was read at `revision`: the stream owes it, when it is newer than what the stream began with. */
export function foldStoreRevisionIntoFeed(track: FeedTrack | null, revision: number, atMs: number): FeedTrack | null {
  if (track === null || !track.stream.known) return track;
  if (track.baselineRevision === null) return { ...track, baselineRevision: revision };
  if (revision <= track.baselineRevision) return track;
  if (track.deliveredRevision !== null && track.deliveredRevision >= revision) return { ...track, caughtUpAtMs: atMs };
  return { ...track, pending: addPending(track.pending, { revision, seenAtMs: atMs }) };
}

/** The stream showed `revision`, by an event or by a progress reply. */
export function foldDelivery(
  track: FeedTrack | null,
  by: "event" | "progress",
  revision: number,
  atMs: number,
): FeedTrack | null {
  if (track === null) return null;
  const delivered = Math.max(track.deliveredRevision ?? 0, revision);
  const pending = track.pending.filter((one) => one.revision > delivered);
  const moved = delivered !== track.deliveredRevision;
  return {
    ...track,
    deliveredRevision: delivered,
    movedAtMs: moved ? atMs : track.movedAtMs,
    pending,
    caughtUpAtMs: moved && isPastBaseline(track, delivered) ? atMs : track.caughtUpAtMs,
    ...(by === "event" ? { lastEvent: { revision, atMs } } : { lastProgress: { revision, atMs } }),
  };
}

/**
 * The store could not be read at `atMs`. The poll that feeds the stream reads the same store, so this time does not
 * count against the stream: what it owes is owed anew.
 */
export function foldStoreFailureIntoFeed(track: FeedTrack | null, atMs: number): FeedTrack | null {
  if (track === null || track.pending.length === 0) return track;
  return { ...track, pending: track.pending.map((one) => ({ ...one, seenAtMs: atMs })) };
}

function isPastBaseline(track: FeedTrack, delivered: number): boolean {
  return track.baselineRevision !== null && delivered > track.baselineRevision;
}

function addPending(pending: readonly PendingRevision[], one: PendingRevision): readonly PendingRevision[] {
  const newest = pending.at(-1);
  if (newest !== undefined && newest.revision >= one.revision) return pending;
  if (pending.length < PENDING_REVISIONS_MAX) return [...pending, one];
  return [...pending.slice(0, -1), one];
}
