import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeRangeRevision, decodeWatchResponse } from "./messages.ts";

/** What the adapter makes of each captured message of a kine, in order. */
function told(version: string): readonly string[] {
  const text = readFileSync(new URL(`fixtures/kine-${version}.hex`, import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [word = "", hex = ""] = line.split(" ");
    return `${word}: ${tellOf(word, Buffer.from(hex, "hex"))}`;
  });
}

function tellOf(word: string, message: Buffer): string {
  if (word === "range") return `revision ${decodeRangeRevision(message)}`;
  const { created, canceled, headerRevision, eventsRevision } = decodeWatchResponse(message);
  if (created || canceled) return `${created ? "created" : "canceled"} ${headerRevision}`;
  return eventsRevision === null ? `progress ${headerRevision}` : `events ${eventsRevision}`;
}

test("kine 0.17.5 confirms with the store's revision, and its progress follows writes outside the watch", () => {
  expect(told("0.17.5")).toEqual([
    "range: revision 2",
    "created: created 3",
    "progress: progress 3",
    "event: events 4",
    "event: events 5",
    "progress: progress 6",
    "periodic: progress 6",
  ]);
});

test("kine 0.16.4 confirms without a revision and then replays what was there before", () => {
  expect(told("0.16.4")).toEqual([
    "range: revision 2",
    "created: created 0",
    "event: events 3",
    "periodic: progress 3",
    "progress: progress 3",
    "event: events 4",
    "event: events 5",
    "progress: progress 6",
    "periodic: progress 6",
  ]);
});
