import { describe, expect, test } from "vitest";
import { known, unknown } from "../model/observed.ts";
import type { FeedTrack } from "../model/snapshot.ts";
import { foldDelivery, foldFeedStream, foldStoreFailureIntoFeed, foldStoreRevisionIntoFeed } from "./fold-feed.ts";

const opened = foldFeedStream(known({ revision: 0 }), 0);

/** `s694` the store was read there, `e694` an event came, `p694` a progress reply, `f` the store failed; one a second. */
function after(words: string): FeedTrack {
  const seen = words.split(" ").reduce<FeedTrack | null>((track, word, index) => {
    const revision = Number(word.slice(1));
    const atMs = (index + 1) * 1000;
    if (word[0] === "s") return foldStoreRevisionIntoFeed(track, revision, atMs);
    if (word[0] === "f") return foldStoreFailureIntoFeed(track, atMs);
    return foldDelivery(track, word[0] === "e" ? "event" : "progress", revision, atMs);
  }, opened);
  if (seen === null) throw new Error("no track");
  return seen;
}

function owed(words: string): readonly number[] {
  return after(words).pending.map(({ revision }) => revision);
}

describe("a stream owes", () => {
  test("nothing that was in the store before it was opened", () => {
    expect(owed("s694 p600")).toEqual([]);
    expect(owed("s694 s694")).toEqual([]);
  });

  test("each newer revision until an event or a progress reply shows it or a newer one", () => {
    expect(owed("s694 s695 s696")).toEqual([695, 696]);
    expect(owed("s694 s695 s696 e695")).toEqual([696]);
    expect(owed("s694 s695 s696 p697")).toEqual([]);
  });

  test("no revision that it has shown before the store was read", () => {
    expect(owed("s694 e695 s695")).toEqual([]);
  });

  test("still all of it when replies show only old revisions", () => {
    expect(owed("s694 s695 p694 p694 e690")).toEqual([695]);
  });

  test("the oldest of very many: only their age decides", () => {
    const reads = Array.from({ length: 200 }, (_, index) => `s${695 + index}`).join(" ");
    const pending = owed(`s694 ${reads}`);
    expect(pending).toHaveLength(64);
    expect([pending[0], pending.at(-1)]).toEqual([695, 894]);
  });

  test("nothing any more when it is opened anew", () => {
    const reopened = foldFeedStream(known({ revision: 695 }), 9000);
    expect(after("s694 s695").pending).toHaveLength(1);
    expect(reopened).toMatchObject({ pending: [], baselineRevision: null, caughtUpAtMs: null });
  });

  test("nothing while it is closed", () => {
    const closed = foldFeedStream(unknown("server-error", "ended"), 1000);
    expect(foldStoreRevisionIntoFeed(closed, 700, 2000)).toBe(closed);
    expect(foldDelivery(null, "event", 700, 2000)).toBeNull();
  });

  test("anew what it owed when the store failed", () => {
    expect(after("s694 s695 f").pending).toEqual([{ revision: 695, seenAtMs: 3000 }]);
    expect(after("s694 f")).toEqual(after("s694"));
  });
});

describe("a stream is proven to deliver", () => {
  test("by a revision that is newer than what it began with", () => {
    expect(after("s694 p694").caughtUpAtMs).toBeNull();
    expect(after("s694 e695").caughtUpAtMs).toBe(2000);
  });

  test("by a part of what it owes: on a busy cluster it always owes the next one", () => {
    expect(after("s694 s695 s696 e695").caughtUpAtMs).toBe(4000);
  });

  test("by the store being read at a revision that it has shown", () => {
    expect(after("s694 e695 s695").caughtUpAtMs).toBe(3000);
    expect(after("s694 e695 s695 s696").caughtUpAtMs).toBe(3000);
  });

  test("not by replies that repeat an old revision, whether something is owed or not", () => {
    expect(after("s694 s695 e695 s696 p695 p695").caughtUpAtMs).toBe(3000);
    expect(after("s694 e695 p695 p695").caughtUpAtMs).toBe(2000);
  });

  test("not by a replay of what was before it", () => {
    expect(after("s694 s695 e600 e650 e694").caughtUpAtMs).toBeNull();
  });
});

test("a stream moves with each newer revision, and not with an old one", () => {
  expect(after("s694 e600 e650").movedAtMs).toBe(3000);
  expect(after("s694 e650 e650 p600").movedAtMs).toBe(2000);
});
