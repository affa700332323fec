import type { RungId } from "../../src/core/model/verdict.ts";
import { clockText, spanText } from "../scenarios/print.ts";
import type { Cluster } from "./cluster.ts";
import type { SummaryRow } from "./event.ts";
import type { Recovered } from "./acts/recover.ts";
import { type Break, OUTAGE_MS } from "./voices/world.ts";

/** Which rungs name a break rightly: at its own rung, or the one that shows first while it is young. */
const RUNGS_OF: Readonly<Record<Break["what"], readonly RungId[]>> = {
  "no-leader": ["quorum"],
  "feed-dead": ["feed"],
  "stream-mute": ["cache"],
};

const TEXT_OF: Readonly<Record<Break["what"], string>> = {
  "no-leader": "dqlite has no leader",
  "feed-dead": "the watch feed dies",
  "stream-mute": "a watch stream goes mute",
};

/** What a check shows later than this is not laid to the break any more. */
const ALARM_WINDOW_MS = 3_600_000;

/** A row for each real outage: what it was, when Nagios showed it and people were told, when Quorate named it. */
export function breakRows(cluster: Cluster): readonly SummaryRow[] {
  const outages = cluster.breaks.filter((one) => (one.toMs ?? Number.POSITIVE_INFINITY) - one.fromMs >= OUTAGE_MS);
  return outages.map((one, at) => {
    const untilMs = Math.min(outages[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY, one.fromMs + ALARM_WINDOW_MS);
    return {
      what: whatText(one),
      monitoring: alarmText(cluster, one.fromMs, untilMs),
      quorate: namedText(cluster, one),
    };
  });
}

function whatText({ what, node, fromMs, toMs }: Break): string {
  const where = node === null ? "" : ` on ${node}`;
  const span = toMs === null ? "" : ` (${spanText(toMs - fromMs)})`;
  return `${time(fromMs)} ${TEXT_OF[what]}${where}${span}`;
}

function namedText({ voice }: Cluster, { what, node, fromMs }: Break): string {
  const rungs = RUNGS_OF[what];
  const named = voice.named.find(
    (one) => one.atMs >= fromMs && rungs.includes(one.rung) && (node === null || one.node === node),
  );
  if (named === undefined) return "not named";
  return `after ${spanText(named.atMs - fromMs)}: rung ${named.rung}${node === null ? "" : ` of ${named.node}`}`;
}

/** What Nagios showed from then on, and when somebody was told. */
export function alarmText({ monitoring }: Cluster, fromMs: number, untilMs: number): string {
  const within = ({ atMs }: { readonly atMs: number }) => atMs >= fromMs && atMs < untilMs;
  const shown = (monitoring?.timeline ?? []).filter((one) => within(one) && one.state === "CRITICAL");
  const [first] = shown;
  if (first === undefined) return "nothing";
  const told = shown.find(({ isHard }) => isHard);
  const tells =
    told === undefined ? "nobody is told" : `people are told after ${spanText(told.atMs - fromMs)} (${told.check})`;
  return `${first.check} on ${first.node} after ${spanText(first.atMs - fromMs)}; ${tells}`;
}

/** How the cure went. */
export function recoveredRow({ end, fromMs, toMs }: Recovered): SummaryRow {
  const result = end.end === "ran" ? (end.result ?? "open") : end.end;
  return {
    what: `${time(fromMs)} what is to be done`,
    monitoring: "does not say",
    quorate: `recover: ${result} within ${spanText(toMs - fromMs)}, guard, lock and proof included`,
  };
}

/** `16:16:05` */
export function time(atMs: number): string {
  return clockText(atMs, atMs);
}
