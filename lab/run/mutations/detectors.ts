import { RUNGS } from "../../../src/core/ladder/registry.ts";
import type { Rung } from "../../../src/core/ladder/rung.ts";
import type { RungId, Verdict } from "../../../src/core/model/verdict.ts";
import type { NodeSnapshot } from "../../../src/core/model/snapshot.ts";
import type { Reading } from "../../../src/core/model/observed.ts";
import type { Seams } from "../../quorate/start.ts";
import type { Mutation } from "./mutation.ts";

/** Rungs that see nothing, or too much, and taps that remember what they should read. */
export const DETECTOR_MUTATIONS: readonly Mutation[] = [
  {
    id: "feed-always-ok",
    what: "rung feed never says broken",
    expected: ["named-in-time"],
    kinds: ["poll-death"],
    seams: blind("feed"),
  },
  {
    id: "cache-always-ok",
    what: "rung cache never says broken",
    expected: ["named-in-time"],
    kinds: ["stream-channel-full"],
    seams: blind("cache"),
  },
  {
    id: "unit-always-ok",
    what: "rung unit never says broken",
    expected: ["named-in-time"],
    kinds: ["snap-refresh"],
    seams: blind("unit"),
  },
  {
    id: "quorum-always-ok",
    what: "rung quorum never says broken",
    expected: ["named-in-time"],
    kinds: ["process-pause", "poll-death"],
    seams: blind("quorum"),
  },
  {
    id: "feed-without-patience",
    what: "rung feed says broken as soon as anything is owed",
    expected: ["no-false-finding", "smallest-remedy"],
    kinds: ["journal-rotation", "scrape-noise"],
    seams: judging("feed", (verdict, node) =>
      (node.feed?.pending.length ?? 0) > 0 ? { ...verdict, state: "broken", reason: "feed-behind-store" } : verdict,
    ),
  },
  {
    id: "unknown-is-broken",
    what: "rung feed takes what is not known yet for broken",
    expected: ["no-false-finding"],
    kinds: ["journal-rotation", "scrape-noise"],
    seams: judging("feed", (verdict) => (verdict.state === "unknown" ? { ...verdict, state: "broken" } : verdict)),
  },
  {
    id: "remembered-units",
    what: "a unit's state is read once and then remembered for minutes",
    expected: ["decided-again", "one-at-a-time", "unknown-refuses", "named-in-time"],
    kinds: ["poll-death", "bare-restart"],
    seams: {
      wrapTaps: (taps, { sim }) => {
        const known = new Map<string, { readonly atMs: number; readonly reading: Reading<never> }>();
        return {
          ...taps,
          readUnit: async (role, deadlineMs) => {
            const last = known.get(role);
            if (last !== undefined && sim.nowMs() - last.atMs < 300_000) return last.reading;
            const reading = await taps.readUnit(role, deadlineMs);
            known.set(role, { atMs: sim.nowMs(), reading: reading as Reading<never> });
            return reading;
          },
        };
      },
    },
  },
];

function blind(id: RungId): Seams {
  return judging(id, (verdict) => (verdict.state === "broken" ? { ...verdict, state: "ok" } : verdict));
}

function judging(id: RungId, change: (verdict: Verdict, node: NodeSnapshot) => Verdict): Seams {
  const rungs: readonly Rung[] = RUNGS;
  return {
    rungs: rungs.map((rung) =>
      rung.id === id ? { ...rung, judge: (snapshot, node) => change(rung.judge(snapshot, node), node) } : rung,
    ),
  };
}
