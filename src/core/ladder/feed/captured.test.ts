import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptySnapshot } from "../../history/fold.ts";
import { known, unknown } from "../../model/observed.ts";
import type { Observation } from "../../model/observation.ts";
import { RECORDING_VERSION } from "../../recording/recording.ts";
import { type Change, changes } from "../../recording/replay.ts";
import { memberAddress, memberOf, START_MS } from "../../test-node.ts";

/** What was seen on two nodes of one real cluster while the leader, on a third one, was paused for 30 s. */
const DAY_MS = START_MS - ((23 * 60 + 52) * 60 + 36) * 1000;
const LEADER_PAUSED_MS = at("23:52:48.0");
const LEADER_BACK_MS = at("23:53:18.0");
/** node2's own datastore was restarted here; the capturing tap did not open its Watch anew. */
const CURED_MS = at("23:54:29.0");

const LINE =
  /^(\S+) store (?:(\d+) (\d+)ms|ERR (\w+) \d+ms) evtRev (\d+) evtAge (\d+) progRev (\d+) progAge (\d+) evts (\d+)$/;

function at(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return DAY_MS + Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000);
}

/** One line of the capture is a read of the store, the last progress reply, and now and then an event. */
function observationsOf(node: string, name: string): readonly Observation[] {
  const seen: Observation[] = [];
  let events = "0";
  for (const line of readFileSync(join(import.meta.dirname, "fixtures", name), "utf8").split("\n")) {
    if (line.endsWith("created 1")) {
      seen.push({ node, atMs: at(line.split(" ")[0] ?? ""), kind: "feed-stream", reading: known({ revision: 0 }) });
    }
    const [, clock = "", revision, latency, error, event, eventAge, progress, progressAge, count = ""] =
      LINE.exec(line) ?? [];
    if (clock === "") continue;
    const atMs = at(clock);
    const reading =
      revision === undefined
        ? unknown("deadline", error ?? "")
        : known({ revision: Number(revision), latencyMs: Number(latency) });
    if (count !== events)
      seen.push({ node, atMs: atMs - Number(eventAge), kind: "feed-event", revision: Number(event) });
    events = count;
    seen.push({ node, atMs: atMs - Number(progressAge), kind: "feed-progress", revision: Number(progress) });
    seen.push({ node, atMs, kind: "store-read", reading });
  }
  return seen;
}

/** The paused leader's member: not in the capture, and known from when it was paused. It met its deadline of 2 s. */
function leaderAnswers(): readonly Observation[] {
  const servers = [0, 1, 2].map((index) => ({ ...memberOf(index), role: "voter" as const }));
  const says = known({ address: memberAddress(0), leader: memberOf(0), servers });
  const member = memberOf(0);
  return Array.from({ length: 90 }, (_, second): Observation => {
    const atMs = at("23:52:37.0") + second * 1000;
    const isPaused = atMs >= LEADER_PAUSED_MS + 2000 && atMs < LEADER_BACK_MS + 500;
    return {
      node: "node1",
      atMs,
      kind: "dqlite",
      own: true,
      member,
      reading: isPaused ? unknown("deadline", "") : says,
    };
  });
}

function replay(): readonly Change[] {
  const observations = [
    ...observationsOf("node2", "node2-dead.txt"),
    ...observationsOf("node3", "node3-alive.txt"),
    ...leaderAnswers(),
  ].sort((a, b) => a.atMs - b.atMs);
  const nodes = emptySnapshot(["node1", "node2", "node3"], 0).nodes.map(({ node }) => node);
  const header = { format: "quorate-recording", version: RECORDING_VERSION, quorate: "", profile: "microk8s" } as const;
  const startedAtMs = at("23:52:36.0");
  return changes({ header: { ...header, startedAtMs, nodes }, observations }).filter(({ atMs }) => atMs < CURED_MS);
}

function feedOf(node: string): readonly string[] {
  return replay()
    .filter((change) => change.node === node && change.rung === "feed")
    .map(({ to }) => to);
}

describe("a feed death as it was captured on real nodes", () => {
  test("is named on the node that it befell, within 10 s of the store's return, and stays", () => {
    const named = replay().filter(({ node, rung, to }) => node === "node2" && rung === "feed" && to === "broken");
    expect(named).toHaveLength(1);
    expect(named[0]?.isCause).toBe(true);
    expect((named[0]?.atMs ?? 0) - LEADER_BACK_MS).toBeGreaterThan(3000);
    expect((named[0]?.atMs ?? 0) - LEADER_BACK_MS).toBeLessThan(6000);
    expect(feedOf("node2").at(-1)).toBe("broken");
  });

  test("is never named on the node that survived, though its feed stood still 7 s longer than its store", () => {
    expect(feedOf("node3")).toEqual(["ok", "unknown", "ok"]);
  });

  test("is not named during the outage itself, when the store is the cause", () => {
    const during = replay().filter(({ atMs, to }) => atMs < LEADER_BACK_MS && to === "broken");
    expect(new Set(during.map(({ rung }) => rung))).toEqual(new Set(["store"]));
  });
});
