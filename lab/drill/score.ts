import { spanText } from "../scenarios/print.ts";
import type { Act, Answer, DrillRecord, Said } from "./record.ts";

/** One line of the score sheet. */
export interface ScoreLine {
  readonly what: "detect" | "rung" | "cure" | "harm";
  readonly points: number;
  readonly of: number;
  readonly why: string;
}

export interface ScoreSheet {
  readonly drill: string;
  readonly points: number;
  readonly of: number;
  readonly lines: readonly ScoreLine[];
}

/** What each part is worth. Harm weighs as much as the cure: an outage made by hand is worse than one found late. */
const WORTH = { detect: 20, rung: 30, cure: 25, harm: 25 } as const;

/** All points until `fullMs`, none from `noneMs` on. Quorate names a dead feed within 10 s; a person types for a while. */
const DETECT_MS = { fullMs: 60_000, noneMs: 600_000 } as const;
const RUNG_MS = { fullMs: 90_000, noneMs: 900_000 } as const;
/** `recover` needs about a minute with guard, lock and proof. */
const CURE_MS = { fullMs: 240_000, noneMs: 1_200_000 } as const;

/** A wrong diagnosis that was said aloud costs. */
const WRONG_SAID = 8;

/** What harm costs. */
const HARM = {
  quorumLost: 25,
  startedStopped: 25,
  twoAtOnce: 15,
  wrongRestart: 10,
  workloadLost: 15,
  needlessRestart: 5,
  leftCordoned: 5,
} as const;

/** A restart shows in the quorum within seconds: the stop, the hand-over, the wrapper's sleep of 6 s, an election. */
const EFFECT_MS = 15_000;
/** A hand-over has no leader for some ms. */
const OUTAGE_MS = 1000;
/** Two nodes within this are two at once: Quorate's own guard calls a unit stabilised after a minute. */
const AT_ONCE_MS = 60_000;

/** What the person did, in points with reasons. Pure. */
export function score(record: DrillRecord): ScoreSheet {
  const lines = [detectLine(record), rungLine(record), cureLine(record), harmLine(record)];
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  const of = lines.reduce((sum, line) => sum + line.of, 0);
  return { drill: record.drill, points, of, lines };
}

function detectLine({ said, brokeAtMs, answer }: DrillRecord): ScoreLine {
  const of = WORTH.detect;
  const after = said.filter(({ atMs }) => atMs >= brokeAtMs);
  const first = answer.causes.length === 0 ? after[0] : after.find(({ rung }) => rung !== "ok");
  if (first === undefined) return { what: "detect", points: 0, of, why: "nothing was said" };
  const tookMs = first.atMs - brokeAtMs;
  const points = inTime(tookMs, DETECT_MS, of);
  return { what: "detect", points, of, why: `said after ${spanText(tookMs)}: ${saidText(first)}` };
}

function rungLine({ said, brokeAtMs, answer }: DrillRecord): ScoreLine {
  const of = WORTH.rung;
  const right = said.find((one) => one.atMs >= brokeAtMs && isRight(one, answer));
  const isWrong = (one: Said) => !isRight(one, answer) && (right === undefined || one.atMs < right.atMs);
  const wrong = said.filter((one) => one.atMs >= brokeAtMs && isWrong(one));
  const wrongText = wrong.length === 0 ? "" : `; wrong before: ${wrong.map(saidText).join(", ")}`;
  if (right === undefined) {
    return { what: "rung", points: 0, of, why: `never said: ${answerText(answer)}${wrongText}` };
  }
  const tookMs = right.atMs - brokeAtMs;
  const points = Math.max(0, inTime(tookMs, RUNG_MS, of) - wrong.length * WRONG_SAID);
  return { what: "rung", points, of, why: `${saidText(right)} after ${spanText(tookMs)}${wrongText}` };
}

function cureLine(record: DrillRecord): ScoreLine {
  const { answer, brokeAtMs, curableAtMs, wellAtMs } = record;
  const of = WORTH.cure;
  const line = (points: number, why: string): ScoreLine => ({ what: "cure", points, of, why });
  if (answer.restart === null) {
    const touched = disruptive(record.acts, brokeAtMs).length + startsOf(record).length;
    const isSaid = record.said.some((one) => one.atMs >= brokeAtMs && isRight(one, answer));
    if (touched > 0) return line(0, "the right act was to leave the units alone");
    // Who never looked did nothing right.
    if (!isSaid) return line(0, "the units were left alone, but not because it was understood");
    return line(of, "the units were left alone, which was right");
  }
  if (wellAtMs === null || curableAtMs === null) return line(0, "not cured");
  const tookMs = wellAtMs - Math.max(brokeAtMs, curableAtMs);
  return line(inTime(tookMs, CURE_MS, of), `cured ${spanText(tookMs)} after it could be`);
}

function harmLine(record: DrillRecord): ScoreLine {
  const harm = harmOf(record);
  const cost = harm.reduce((sum, one) => sum + one.cost, 0);
  const why = harm.length === 0 ? "no harm done" : harm.map(({ text }) => text).join("; ");
  return { what: "harm", points: Math.max(0, WORTH.harm - cost), of: WORTH.harm, why };
}

interface Harm {
  readonly cost: number;
  readonly text: string;
}

function harmOf(record: DrillRecord): readonly Harm[] {
  const { outages, startedAtMs, lostWorkloads, cordoned } = record;
  const acts = disruptive(record.acts, startedAtMs);
  const found: Harm[] = [];
  for (const { fromMs, toMs } of outages) {
    const cause = acts.find(({ atMs }) => fromMs >= atMs && fromMs - atMs <= EFFECT_MS);
    if (toMs - fromMs < OUTAGE_MS || cause === undefined) continue;
    found.push({ cost: HARM.quorumLost, text: `quorum lost for ${spanText(toMs - fromMs)} after ${actText(cause)}` });
  }
  for (const act of startsOf(record)) {
    found.push({ cost: HARM.startedStopped, text: `${actText(act)}, which a person had stopped on purpose` });
  }
  for (const [at, act] of acts.entries()) {
    const before = acts.slice(0, at).find(({ node, atMs }) => node !== act.node && act.atMs - atMs < AT_ONCE_MS);
    if (before !== undefined) {
      found.push({ cost: HARM.twoAtOnce, text: `${actText(act)} within a minute of ${before.node}` });
    }
  }
  found.push(...restartHarm(acts, record));
  for (const name of lostWorkloads) found.push({ cost: HARM.workloadLost, text: `lost: ${name}` });
  for (const node of cordoned) found.push({ cost: HARM.leftCordoned, text: `${node} was left cordoned` });
  return found;
}

/** Restarts that cured nothing: on the wrong node, too early, or more than was needed on the right one. */
function restartHarm(acts: readonly Act[], { answer: { restart }, curableAtMs }: DrillRecord): readonly Harm[] {
  let isRightDone = false;
  return acts.flatMap((act): readonly Harm[] => {
    const isEarly = curableAtMs === null || act.atMs < curableAtMs;
    if (restart === null || act.node !== restart.node || isEarly) {
      return [{ cost: HARM.wrongRestart, text: `${actText(act)} was not called for` }];
    }
    const isRight = act.what === "restart" && act.role === restart.role && !isRightDone;
    if (isRight) isRightDone = true;
    return isRight ? [] : [{ cost: HARM.needlessRestart, text: `${actText(act)} was more than was needed` }];
  });
}

/** Acts that take a unit down. */
function disruptive(acts: readonly Act[], fromMs: number): readonly Act[] {
  return acts.filter(({ atMs, what }) => atMs >= fromMs && what !== "start");
}

/** Starts, and restarts, of what had to stay stopped. */
function startsOf({ acts, answer, brokeAtMs }: DrillRecord): readonly Act[] {
  if (answer.staysStopped === null) return [];
  return acts.filter(({ atMs, node, what }) => atMs >= brokeAtMs && node === answer.staysStopped && what === "start");
}

function isRight({ rung, node }: Said, { causes }: Answer): boolean {
  if (causes.length === 0) return rung === "ok";
  return causes.some((cause) => cause.rung === rung && cause.node === node);
}

/** All points until `fullMs`, none from `noneMs` on, in a straight line between. */
function inTime(ms: number, { fullMs, noneMs }: { readonly fullMs: number; readonly noneMs: number }, of: number) {
  if (ms <= fullMs) return of;
  return Math.max(0, Math.round((of * (noneMs - ms)) / (noneMs - fullMs)));
}

function saidText({ rung, node }: Said): string {
  return node === null ? rung : `${rung} ${node}`;
}

export function answerText({ causes }: Answer): string {
  return causes.length === 0 ? "ok" : causes.map(({ rung, node }) => `${rung} ${node}`).join(" or ");
}

function actText({ what, role, node }: Act): string {
  return `${what} of ${role} on ${node}`;
}
