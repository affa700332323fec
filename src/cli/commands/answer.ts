import type { Ladder } from "../../core/ladder/climb.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import { drawLadder } from "../render/ladder.ts";
import { canvasFor } from "../render/style.ts";
import { doctorReport } from "../report/doctor-report.ts";

/** How doctor's answer is printed. */
export interface AnswerOptions {
  readonly output: "text" | "json";
  readonly watch?: boolean;
}

/** One answer, as a page or as a document (one line each with --watch). */
export function printAnswer(ladder: Ladder, profile: Profile, options: AnswerOptions, observedMs: number): void {
  if (options.output === "json") {
    const report = doctorReport(ladder, profile, observedMs);
    process.stdout.write(`${JSON.stringify(report, null, options.watch === true ? undefined : 2)}\n`);
    return;
  }
  const canvas = canvasFor(process.stdout);
  const clear = options.watch === true && canvas.colour ? "\u001b[H\u001b[2J" : "";
  const head = `${profile.title}, ${ladder.nodes.length} nodes, observed for ${(observedMs / 1000).toFixed(1)} s, ${new Date(ladder.atMs).toISOString()}`;
  process.stdout.write(`${clear}${head}\n\n${drawLadder(ladder, profile, canvas)}`);
}
