import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Act, DrillRecord, Said } from "./record.ts";
import { score } from "./score.ts";

const START_MS = Date.UTC(2026, 5, 24, 10);
const BROKE_MS = START_MS + 30_000;

const after = (seconds: number) => BROKE_MS + seconds * 1000;

function said(seconds: number, rung: Said["rung"], node: string | null = "k8s02"): Said {
  return { atMs: after(seconds), rung, node };
}

function act(seconds: number, node: string, role: Act["role"] = "datastore", what: Act["what"] = "restart"): Act {
  return { atMs: after(seconds), node, role, what };
}

/** A dead feed of k8s02 that somebody cured by the book. */
const GOOD: DrillRecord = {
  drill: "dead-feed",
  answer: {
    causes: [{ rung: "feed", node: "k8s02" }],
    restart: { node: "k8s02", role: "datastore" },
    staysStopped: null,
  },
  startedAtMs: START_MS,
  brokeAtMs: BROKE_MS,
  curableAtMs: BROKE_MS + 1000,
  wellAtMs: after(100),
  endedAtMs: after(130),
  limitMs: 1_800_000,
  said: [said(20, "feed")],
  acts: [act(60, "k8s02")],
  outages: [],
  lostWorkloads: [],
  cordoned: [],
};

/** Nothing may be restarted: contention. */
const WAITED: DrillRecord = {
  ...GOOD,
  answer: { causes: [{ rung: "store", node: "k8s01" }], restart: null, staysStopped: null },
  said: [said(20, "store", "k8s01")],
  acts: [],
};

function linesOf(record: DrillRecord) {
  const { lines } = score(record);
  return Object.fromEntries(lines.map((line) => [line.what, line]));
}

test("by the book: all points", () => {
  expect(score(GOOD)).toMatchObject({ points: 100, of: 100 });
  expect(score(WAITED)).toMatchObject({ points: 100, of: 100 });
});

test("nothing said and nothing done: only that no harm was done", () => {
  expect(score({ ...GOOD, said: [], acts: [], wellAtMs: null }).points).toBe(25);
  expect(score({ ...WAITED, said: [] }).points).toBe(25);
});

test("a wrong diagnosis detects, and costs when the right one follows", () => {
  const { detect, rung } = linesOf({ ...GOOD, said: [said(20, "cache"), said(50, "feed")] });
  expect(detect?.points).toBe(20);
  expect(rung).toMatchObject({ points: 22, why: "feed k8s02 after 50 s; wrong before: cache k8s02" });
  expect(linesOf({ ...GOOD, said: [said(20, "feed", "k8s01")] })["rung"]?.points).toBe(0);
});

test("what was said before it broke counts nothing", () => {
  expect(linesOf({ ...GOOD, said: [said(-10, "feed")] })).toMatchObject({ detect: { points: 0 }, rung: { points: 0 } });
});

test("late is less, never less than nothing", () => {
  const { detect, rung, cure } = linesOf({ ...GOOD, said: [said(500, "feed")], wellAtMs: after(800) });
  for (const line of [detect, rung, cure]) {
    expect(line?.points).toBeGreaterThan(0);
    expect(line?.points).toBeLessThan(line?.of ?? 0);
  }
  expect(linesOf({ ...GOOD, said: [said(5000, "feed")] })).toMatchObject({
    detect: { points: 0 },
    rung: { points: 0 },
  });
});

test.each([
  ["a restart of another node", { acts: [act(60, "k8s01")] }, 15, /restart of datastore on k8s01 was not called for/],
  ["kubelite too", { acts: [act(60, "k8s02"), act(90, "k8s02", "kubelite")] }, 20, /more than was needed/],
  ["the same one twice", { acts: [act(60, "k8s02"), act(200, "k8s02")] }, 20, /more than was needed/],
  ["two nodes at once", { acts: [act(60, "k8s02"), act(90, "k8s03")] }, 0, /k8s03 within a minute of k8s02/],
  ["a lost workload", { lostWorkloads: ["deployments shop/web"] }, 10, /lost: deployments shop\/web/],
  ["a node left cordoned", { cordoned: ["k8s02"] }, 20, /k8s02 was left cordoned/],
] as const)("harm: %s", (_what, change, points, why) => {
  const { harm } = linesOf({ ...GOOD, ...change });
  expect(harm?.points).toBe(points);
  expect(harm?.why).toMatch(why);
});

function lost(fromSeconds: number, toSeconds: number) {
  return { outages: [{ fromMs: after(fromSeconds), toMs: after(toSeconds) }] };
}

test("the right restart, but before what broke it was over, was not called for", () => {
  const early = { ...GOOD, curableAtMs: after(90), acts: [act(60, "k8s02"), act(95, "k8s02")] };
  expect(linesOf(early)).toMatchObject({ harm: { points: 15, why: /not called for$/ }, cure: { points: 25 } });
});

test("a quorum that is lost right after a person's act is theirs; any other is not, and a hand-over is none", () => {
  expect(linesOf({ ...GOOD, ...lost(61, 70) })["harm"]).toMatchObject({ points: 0, why: /quorum lost for 9 s after/ });
  expect(linesOf({ ...GOOD, ...lost(30, 40) })["harm"]?.points).toBe(25);
  expect(linesOf({ ...GOOD, ...lost(61, 61.5) })["harm"]?.points).toBe(25);
});

test("where waiting is right, a restart loses the cure and does harm", () => {
  const { cure, harm } = linesOf({ ...WAITED, acts: [act(60, "k8s01")] });
  expect(cure).toMatchObject({ points: 0, why: "the right act was to leave the units alone" });
  expect(harm?.points).toBe(15);
});

test("what a person stopped stays stopped", () => {
  const answer = { causes: [{ rung: "unit", node: "k8s03" }], restart: null, staysStopped: "k8s03" } as const;
  const stopped: DrillRecord = { ...WAITED, answer, said: [said(20, "unit", "k8s03")], wellAtMs: null };
  expect(score(stopped).points).toBe(100);
  const started = linesOf({ ...stopped, acts: [act(60, "k8s03", "datastore", "start")] });
  expect(started).toMatchObject({ cure: { points: 0 }, harm: { points: 0, why: /stopped on purpose/ } });
});

test("noise: ok is right, and any rung is wrong", () => {
  const noise: DrillRecord = { ...WAITED, answer: { causes: [], restart: null, staysStopped: null } };
  expect(score({ ...noise, said: [said(40, "ok", null)] }).points).toBe(100);
  expect(linesOf({ ...noise, said: [said(40, "feed")] })["rung"]).toMatchObject({ points: 0, why: /never said: ok/ });
});

test("points are never below nothing nor above all, and more harm is never better", () => {
  const nodes = fc.constantFrom("k8s01", "k8s02", "k8s03");
  const acts = fc.array(
    fc.record({
      atMs: fc.integer({ min: START_MS, max: START_MS + 1_800_000 }),
      node: nodes,
      role: fc.constantFrom("datastore" as const, "kubelite" as const),
      what: fc.constantFrom("restart" as const, "stop" as const, "start" as const),
    }),
    { maxLength: 6 },
  );
  const rungs = fc.constantFrom(
    "unit" as const,
    "quorum" as const,
    "store" as const,
    "feed" as const,
    "cache" as const,
  );
  const says = fc.array(
    fc.record({ atMs: fc.integer({ min: START_MS, max: START_MS + 1_800_000 }), rung: rungs, node: nodes }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(acts, says, fc.option(fc.nat(1_800_000)), (someActs, someSays, wellMs) => {
      const byTime = [...someActs].sort((one, other) => one.atMs - other.atMs);
      const wellAtMs = wellMs === null ? null : BROKE_MS + wellMs;
      const record = { ...GOOD, acts: byTime, said: someSays, wellAtMs };
      const sheet = score(record);
      for (const { points, of } of sheet.lines) {
        expect(points).toBeGreaterThanOrEqual(0);
        expect(points).toBeLessThanOrEqual(of);
      }
      expect(score({ ...record, cordoned: ["k8s01"] }).points).toBeLessThanOrEqual(sheet.points);
    }),
  );
});
