import { clockText, spanText } from "../scenarios/print.ts";
import type { Drill } from "./drill.ts";
import { answerText, type ScoreSheet } from "./score.ts";
import type { DrillRecord } from "./record.ts";

/** The score sheet as text: points with reasons, what it was, what was done, and how it is done best. */
export function drawSheet(drill: Drill, record: DrillRecord, { points, of, lines }: ScoreSheet): string {
  const { answer, brokeAtMs, endedAtMs, acts } = record;
  const clock = (atMs: number) => clockText(atMs, record.startedAtMs);
  const rows = lines.map(
    (line) => `  ${line.what.padEnd(8)}${String(line.points).padStart(3)} of ${String(line.of).padEnd(4)}${line.why}`,
  );
  const done = acts.map(({ atMs, what, role, node }) => `  ${clock(atMs)}  ${what} of ${role} on ${node}`);
  return [
    `DRILL ${drill.id}: ${points} of ${of} points`,
    "",
    ...rows,
    "",
    `It was: ${drill.title} (${answerText(answer)}), from ${clock(brokeAtMs)} on; it ended after ${spanText(endedAtMs - brokeAtMs)}.`,
    ...(done.length === 0 ? ["You touched no unit."] : ["You touched:", ...done]),
    `Best: ${drill.best(answer)}`,
    "",
  ].join("\n");
}
