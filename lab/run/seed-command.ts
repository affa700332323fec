import type { LogLine } from "../sim/sim.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { clockText, type PlanOptions, planOf, planText } from "./plan.ts";
import { replayCommand, type Result } from "./result.ts";
import { runPlan } from "./run-plan.ts";
import { shrink } from "./shrink.ts";

/** The last lines before a violation say how it came. */
const TAIL_LINES = 40;

export interface SeedCommand extends PlanOptions {
  readonly seed: number;
  readonly days: number;
  /** Prints the whole log. */
  readonly log: boolean;
  readonly isShrunk: boolean;
  readonly mutation: Mutation | undefined;
}

/** One run: the plan first, then how it went. Exit code 1 when an invariant was broken. */
export async function seedCommand(command: SeedCommand): Promise<number> {
  const { seed, log, isShrunk, mutation } = command;
  const plan = planOf(seed, command);
  print(planText(plan));
  const tail: string[] = [];
  const onLog = (line: LogLine, sinceMs: number): void => {
    const text = lineText(line, sinceMs);
    if (log) print(text);
    tail.push(text);
    if (tail.length > TAIL_LINES) tail.shift();
  };
  const seams = mutation === undefined ? {} : { seams: mutation.seams };
  const result = await runPlan(plan, { onLog, ...seams });
  if (result.found !== null && !log) print(tail.join("\n"));
  print(resultText(result));
  if (result.found === null) return 0;
  if (isShrunk) {
    const shrunk = await shrink(result, (smaller) => runPlan(smaller, seams));
    const only = shrunk.only.map((at) => command.only?.[at] ?? at);
    const again = mutation === undefined ? {} : { mutation: mutation.id };
    print(`${plan.faults.length} faults shrunk to ${only.length} in ${shrunk.runs} runs`);
    print(planText({ ...shrunk.result.plan }));
    print(replayCommand(plan, { ...optionsOf(command), only, ...again }));
  }
  return 1;
}

function optionsOf({ days, kinds, without }: SeedCommand): PlanOptions {
  return { days, ...(kinds === undefined ? {} : { kinds }), ...(without === undefined ? {} : { without }) };
}

/** How a run went, a few lines. */
export function resultText({ seed, found, hash, simulatedMs, wallMs, events, stats }: Result): string {
  const speed = Math.round(simulatedMs / Math.max(1, wallMs));
  const numbers = `${(simulatedMs / 3_600_000).toFixed(1)} h in ${(wallMs / 1000).toFixed(1)} s (${speed} x, ${events} events), watched ${Math.round(stats.watchedMs / 60_000)} min, ${stats.doctors} doctors, ${stats.findings} findings, ${stats.restarts} restarts, ${stats.cured} cured, ${stats.refused} refused, ${stats.escalated} escalated, killed ${stats.kills} times`;
  const verdict =
    found === null
      ? "all invariants hold"
      : `VIOLATION of ${found.invariant} at ${clockText(found.atMs)}: ${found.message}`;
  return `seed ${seed}: ${verdict}\n${numbers}\nlog ${hash}`;
}

function lineText({ who, text }: LogLine, sinceMs: number): string {
  return `${sinceMs < 0 ? `-${clockText(-sinceMs)}` : clockText(sinceMs)}  ${who}: ${text}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
