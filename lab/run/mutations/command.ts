import { runMany } from "../many.ts";
import type { MutationAnswer } from "../worker.ts";
import { MUTATIONS } from "./registry.ts";

export interface MutationsCommand {
  /** Seeds that are tried for each at most. */
  readonly seedsMax: number;
  readonly only: readonly string[] | undefined;
  readonly jobs?: number;
}

/** Each broken variant until a seed shows it, as a table. Exit code 1 when one was not caught, or by an invariant that has no business with it. */
export async function mutationsCommand({ seedsMax, only, jobs }: MutationsCommand): Promise<number> {
  const chosen = MUTATIONS.filter(({ id }) => only === undefined || only.includes(id));
  const answers = new Map<string, MutationAnswer>();
  await runMany<MutationAnswer>({
    tasks: chosen.map(({ id }) => ({ kind: "mutation", mutation: id, seedsMax })),
    ...(jobs === undefined ? {} : { jobs }),
    onAnswer: (answer, done) => {
      answers.set(answer.id, answer);
      process.stderr.write(`${done} of ${chosen.length}: ${answer.id} ${answer.invariant ?? "NOT CAUGHT"}\n`);
    },
  });
  let isGood = true;
  print("| broken variant | seed | caught by | what it said |\n|---|---|---|---|");
  for (const { id, what, expected } of chosen) {
    const answer = answers.get(id);
    const invariant = answer?.invariant ?? null;
    const isCaught = invariant !== null && expected.includes(invariant);
    isGood = isGood && isCaught;
    const by = invariant === null ? "NOT CAUGHT" : isCaught ? invariant : `${invariant} (UNEXPECTED)`;
    const failed = answer?.failedControls ?? [];
    const controls = failed.length === 0 ? "" : ` (seeds ${failed.join(", ")} fail without it too)`;
    print(`| ${id}: ${what} | ${answer?.seed ?? ""}${controls} | ${by} | ${answer?.message ?? ""} |`);
  }
  return isGood ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
