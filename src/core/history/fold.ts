import type { AskedMember } from "../quorum/member.ts";
import { leaderView } from "../quorum/leader-view.ts";
import type { NodeName, Observation } from "../model/observation.ts";
import { isServiceFailure } from "../model/observed.ts";
import type { FeedTrack, MemberTrack, NodeSnapshot, Snapshot, StoreTrack } from "../model/snapshot.ts";
import { foldCache, foldResourceRevision, foldStoreFailureIntoCache } from "./fold-cache.ts";
import { foldDelivery, foldFeedStream, foldStoreFailureIntoFeed, foldStoreRevisionIntoFeed } from "./fold-feed.ts";

/** The resource that the feed tap watches, as the cache tap names it. */
export const FEED_RESOURCE = "leases.coordination.k8s.io";

/** A snapshot in which nothing is known yet. */
export function emptySnapshot(nodes: readonly NodeName[], nowMs: number): Snapshot {
  return { nowMs, startedAtMs: nowMs, nodes: nodes.map(emptyNode), members: {}, leaderlessSinceMs: null };
}

/**
 * Adds one observation; observations of nodes that the snapshot does not know are left out. Time never goes back: an
 * observation that is stamped earlier than the snapshot is folded in at the snapshot's time.
 */
export function fold(snapshot: Snapshot, observation: Observation): Snapshot {
  const nowMs = Math.max(snapshot.nowMs, observation.atMs);
  const nodes = snapshot.nodes.map((node) =>
    node.node === observation.node ? foldNode(node, observation, nowMs) : node,
  );
  if (observation.kind !== "dqlite") return { ...snapshot, nowMs, nodes };
  const { address } = observation.member;
  const members = { ...snapshot.members, [address]: foldMember(snapshot.members[address], observation, nowMs) };
  const leader = leaderView(askedMembers({ members })).state === "leader";
  return {
    ...snapshot,
    nowMs,
    nodes,
    members,
    leaderlessSinceMs: leader ? null : (snapshot.leaderlessSinceMs ?? nowMs),
  };
}

/** The snapshot as time alone moves on: nothing new was read. */
export function advance(snapshot: Snapshot, nowMs: number): Snapshot {
  return nowMs > snapshot.nowMs ? { ...snapshot, nowMs } : snapshot;
}

function emptyNode(node: NodeName): NodeSnapshot {
  return {
    node,
    units: {},
    stoppedOnPurpose: null,
    ownMember: null,
    memberList: null,
    store: null,
    feed: null,
    caches: {},
    readyz: null,
    leases: {},
    metrics: null,
    lockErrors: null,
  };
}

function foldNode(node: NodeSnapshot, seen: Observation, atMs: number): NodeSnapshot {
  switch (seen.kind) {
    case "unit":
      return { ...node, units: { ...node.units, [seen.role]: { ...seen.reading, observedAtMs: atMs } } };
    case "stopped-on-purpose":
      return { ...node, stoppedOnPurpose: { ...seen.reading, observedAtMs: atMs } };
    case "member-list":
      return { ...node, memberList: { ...seen.reading, observedAtMs: atMs } };
    case "dqlite":
      return seen.own ? { ...node, ownMember: seen.member.address } : node;
    case "store-read":
      return foldStore(node, seen, atMs);
    case "feed-stream":
      return { ...node, feed: foldFeedStream(seen.reading, atMs) };
    case "feed-event":
      return foldFeedEvent(node, seen.revision, atMs);
    case "feed-progress":
      return { ...node, feed: foldDelivery(node.feed, "progress", seen.revision, atMs) };
    case "cache":
      return {
        ...node,
        caches: { ...node.caches, [seen.resource]: foldCache(node.caches[seen.resource] ?? null, seen.reading, atMs) },
      };
    case "readyz":
      return { ...node, readyz: { ...seen.reading, observedAtMs: atMs } };
    case "lease":
      return { ...node, leases: { ...node.leases, [seen.name]: { ...seen.reading, observedAtMs: atMs } } };
    case "datastore-metrics":
      return { ...node, metrics: foldMetrics(node.metrics, seen, atMs) };
    case "lock-errors":
      return { ...node, lockErrors: { ...seen.reading, observedAtMs: atMs } };
  }
}

function foldStore(node: NodeSnapshot, seen: Extract<Observation, { kind: "store-read" }>, atMs: number): NodeSnapshot {
  const { reading } = seen;
  const before = node.store;
  if (!reading.known) {
    const failing = isServiceFailure(reading.reason) ? (before?.failingSinceMs ?? atMs) : null;
    const store: StoreTrack = {
      lastServed: before?.lastServed ?? null,
      movedAtMs: before?.movedAtMs ?? null,
      last: { ...reading, observedAtMs: atMs },
      failingSinceMs: failing,
    };
    const caches = Object.entries(node.caches).map(([name, cache]) => [name, foldStoreFailureIntoCache(cache, atMs)]);
    return { ...node, store, feed: foldStoreFailureIntoFeed(node.feed, atMs), caches: Object.fromEntries(caches) };
  }
  const { revision, latencyMs } = reading.value;
  const moved = before?.lastServed != null && revision > before.lastServed.revision;
  const store: StoreTrack = {
    last: { ...reading, observedAtMs: atMs },
    lastServed: { revision, latencyMs, atMs },
    failingSinceMs: null,
    movedAtMs: moved ? atMs : (before?.movedAtMs ?? null),
  };
  return { ...node, store, feed: foldStoreRevisionIntoFeed(node.feed, revision, atMs) };
}

function foldFeedEvent(node: NodeSnapshot, revision: number, atMs: number): NodeSnapshot {
  const feed: FeedTrack | null = foldDelivery(node.feed, "event", revision, atMs);
  const cache = foldResourceRevision(node.caches[FEED_RESOURCE] ?? null, revision, atMs);
  return cache === null ? { ...node, feed } : { ...node, feed, caches: { ...node.caches, [FEED_RESOURCE]: cache } };
}

function foldMetrics(
  before: NodeSnapshot["metrics"],
  seen: Extract<Observation, { kind: "datastore-metrics" }>,
  atMs: number,
): NodeSnapshot["metrics"] {
  const last = { ...seen.reading, observedAtMs: atMs };
  if (!last.known || before === null || !before.last.known) return { last, pollFlatSinceMs: null };
  const flat =
    last.value.pollQueries === before.last.value.pollQueries &&
    last.value.otherQueries > before.last.value.otherQueries;
  return { last, pollFlatSinceMs: flat ? (before.pollFlatSinceMs ?? before.last.observedAtMs) : null };
}

function foldMember(
  before: MemberTrack | undefined,
  seen: Extract<Observation, { kind: "dqlite" }>,
  atMs: number,
): MemberTrack {
  const { member, reading } = seen;
  const namesNone = reading.known && reading.value.leader === null;
  return {
    member,
    reading: { ...reading, observedAtMs: atMs },
    namesNoneSinceMs: namesNone ? (before?.namesNoneSinceMs ?? atMs) : null,
    silentSinceMs: reading.known || !isServiceFailure(reading.reason) ? null : (before?.silentSinceMs ?? atMs),
  };
}

/** The members in the form that the voter arithmetic takes. */
export function askedMembers(snapshot: Pick<Snapshot, "members">): readonly AskedMember[] {
  return Object.values(snapshot.members).map(({ member, reading }) => ({
    member: member.id === null ? { address: member.address } : { id: member.id, address: member.address },
    reading,
  }));
}
