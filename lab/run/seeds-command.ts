import { runMany } from "./many.ts";
import { replayCommand, type Result } from "./result.ts";
import { resultText } from "./seed-command.ts";

export interface SeedsCommand {
  readonly from: number;
  readonly count: number;
  readonly days: number;
  readonly jobs?: number;
  /** Goes on after violations; else no new run begins after the tenth. */
  readonly all: boolean;
  readonly without?: readonly string[];
}

const VIOLATIONS_MAX = 10;

/** Many runs on all cores, with progress and a summary. Exit code 1 when any invariant was broken. */
export async function seedsCommand({ from, count, days, jobs, all, without }: SeedsCommand): Promise<number> {
  const options = { days, ...(without === undefined ? {} : { without }) };
  const tasks = Array.from({ length: count }, (_, at) => ({ kind: "seed" as const, seed: from + at, ...options }));
  const startedMs = performance.now();
  const sums = { simulatedMs: 0, watchedMs: 0, events: 0, restarts: 0, cured: 0, refused: 0, escalated: 0, kills: 0 };
  const failed: Result[] = [];
  let finished = 0;

  await runMany<Result>({
    tasks,
    ...(jobs === undefined ? {} : { jobs }),
    isEnough: () => !all && failed.length >= VIOLATIONS_MAX,
    onAnswer: (result, done) => {
      finished = done;
      sums.simulatedMs += result.simulatedMs;
      sums.events += result.events;
      for (const name of ["watchedMs", "restarts", "cured", "refused", "escalated", "kills"] as const) {
        sums[name] += result.stats[name];
      }
      if (result.found !== null) {
        failed.push(result);
        print(`\n${resultText(result)}\n  ${replayCommand(result.plan, options)} --shrink`);
      }
      progress(done, count, failed.length, startedMs);
    },
  });

  const seconds = (performance.now() - startedMs) / 1000;
  const dayCount = sums.simulatedMs / 86_400_000;
  print(
    `\n${finished} seeds, ${dayCount.toFixed(1)} simulated days in ${seconds.toFixed(0)} s (${Math.round(sums.simulatedMs / 1000 / seconds)} simulated seconds per second, ${Math.round(sums.events / seconds)} events per second), ` +
      `${(sums.watchedMs / 3_600_000).toFixed(1)} h watched, ${sums.restarts} restarts, ${sums.cured} cured, ${sums.refused} refused, ${sums.escalated} escalated, Quorate killed ${sums.kills} times`,
  );
  print(failed.length === 0 ? "all invariants hold" : summaryOf(failed));
  return failed.length === 0 ? 0 : 1;
}

/** How often each invariant was broken, and a seed that shows it. */
function summaryOf(failed: readonly Result[]): string {
  const byInvariant = new Map<string, number[]>();
  for (const { seed, found } of failed) {
    const id = found?.invariant ?? "";
    byInvariant.set(id, [...(byInvariant.get(id) ?? []), seed]);
  }
  return [...byInvariant].map(([id, seeds]) => `${id}: ${seeds.length} (seeds ${seeds.join(", ")})`).join("\n");
}

function progress(done: number, count: number, violations: number, startedMs: number): void {
  const seconds = (performance.now() - startedMs) / 1000;
  const text = `${done} of ${count} seeds, ${violations} violations, ${seconds.toFixed(0)} s`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}`);
  else if (done % 20 === 0) process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
