import { describe, expect, test } from "vitest";
import type { CacheRead } from "../model/observation.ts";
import { known, unknown } from "../model/observed.ts";
import type { CacheTrack } from "../model/snapshot.ts";
import {
  CONSISTENT_READ_FALLBACK_MS,
  foldCache,
  foldResourceRevision,
  foldStoreFailureIntoCache,
} from "./fold-cache.ts";

const FAST_MS = 20;
const WAITED_MS = 3020;
/** What the way to the apiserver costs in these tests: the cached LIST takes nothing else. */
const WAY_MS = 17;

function read(cache: number, latest: number | null, latencyMs: number): CacheRead {
  return { resource: "pods", latest: { revision: latest, latencyMs }, cache: { revision: cache, latencyMs: WAY_MS } };
}

function cacheOnly(cache: number): CacheRead {
  return { resource: "pods", latest: null, cache: { revision: cache, latencyMs: WAY_MS } };
}

function after(...reads: readonly CacheRead[]): CacheTrack {
  const track = reads.reduce<CacheTrack | null>(
    (one, value, index) => foldCache(one, known(value), index * 1000),
    null,
  );
  if (track === null) throw new Error("no track");
  return track;
}

describe("a cache owes", () => {
  test("what a consistent LIST showed that waited for it in vain", () => {
    expect(after(read(694, 706, WAITED_MS)).pending).toEqual({ revision: 706, seenAtMs: 0, by: "list", waits: 1 });
  });

  test("the next revision after its own, when the apiserver gave up and told none", () => {
    expect(after(read(694, null, WAITED_MS)).pending).toMatchObject({ revision: 695 });
  });

  test("nothing after a fast LIST, however far below it stands: it may be an idle resource", () => {
    expect(after(read(231, 706, FAST_MS)).pending).toBeNull();
    expect(after(read(231, 706, CONSISTENT_READ_FALLBACK_MS + WAY_MS - 1)).pending).toBeNull();
    expect(after(read(231, 706, CONSISTENT_READ_FALLBACK_MS + WAY_MS)).pending).not.toBeNull();
  });

  test("nothing over a slow link: what the cached LIST took as well is no wait", () => {
    const slow = {
      resource: "pods",
      latest: { revision: 706, latencyMs: 4000 },
      cache: { revision: 231, latencyMs: 3900 },
    };
    expect(after(slow).pending).toBeNull();
  });

  test("nothing after a slow LIST that it has reached meanwhile", () => {
    expect(after(read(706, 706, WAITED_MS)).pending).toBeNull();
  });

  test("the same revision, since the same time, while it is followed up", () => {
    const track = after(read(694, 706, WAITED_MS), cacheOnly(694), read(700, 720, WAITED_MS));
    expect(track.pending).toMatchObject({ revision: 706, seenAtMs: 0, by: "list", waits: 2 });
  });

  test("nothing any more once it shows it, or when a fast LIST takes it back", () => {
    expect(after(read(694, 706, WAITED_MS), cacheOnly(706))).toMatchObject({ pending: null, caughtUpAtMs: 1000 });
    expect(after(read(694, 706, WAITED_MS), read(694, 720, FAST_MS))).toMatchObject({
      pending: null,
      caughtUpAtMs: null,
    });
  });

  test("the same through a read that failed", () => {
    const failed = foldCache(after(read(694, 706, WAITED_MS)), unknown("deadline", ""), 5000);
    expect(failed).toMatchObject({ pending: { revision: 706, seenAtMs: 0 }, last: { known: false } });
  });

  test("anew what it owed when the store failed", () => {
    expect(foldStoreFailureIntoCache(after(read(694, 706, WAITED_MS)), 9000).pending).toMatchObject({
      seenAtMs: 9000,
      waits: 0,
    });
    const free = after(read(706, 706, FAST_MS));
    expect(foldStoreFailureIntoCache(free, 9000)).toBe(free);
  });
});

describe("an event on the resource itself", () => {
  test("is owed by a cache that has not shown it, and a fast LIST does not take it back", () => {
    const told = foldResourceRevision(after(read(694, 700, FAST_MS)), 701, 500);
    expect(told?.pending).toEqual({ revision: 701, seenAtMs: 500, by: "event" });
    expect(foldCache(told, known(read(694, 710, FAST_MS)), 4000).pending).toMatchObject({ revision: 701 });
    expect(foldCache(told, known(read(701, 710, FAST_MS)), 4000)).toMatchObject({ pending: null, caughtUpAtMs: 4000 });
  });

  test("is proof for a cache that shows it already", () => {
    expect(foldResourceRevision(after(read(701, 710, FAST_MS)), 701, 500)).toMatchObject({
      pending: null,
      caughtUpAtMs: 500,
    });
  });

  test("does not renew what is owed already, and says nothing about a cache that was never read", () => {
    const told = foldResourceRevision(after(read(694, 700, FAST_MS)), 701, 500);
    expect(foldResourceRevision(told, 702, 900)).toBe(told);
    expect(foldResourceRevision(null, 702, 900)).toBeNull();
  });
});

test("since when a cache stands still is known from the first read of that revision on", () => {
  const track = after(read(694, 694, FAST_MS), read(694, 694, FAST_MS), cacheOnly(694));
  expect(track.still).toEqual({ revision: 694, sinceMs: 0, lastReadAtMs: 2000 });
  expect(after(read(694, 694, FAST_MS), cacheOnly(695)).still).toMatchObject({ sinceMs: 1000 });
});
