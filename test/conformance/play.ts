import { type Answers, fits, type Question, type Scene } from "./question.ts";
import type { ConformanceWorld } from "./world.ts";

/** One question with what a world said to it. */
export interface Answered {
  readonly question: Question<unknown>;
  readonly answers: Answers;
  /** Of the parts whose answer is not as expected; also when the question could not be asked to its end. */
  readonly problems: readonly string[];
}

/** Opens the scene in the world and asks all its questions. Throws only when the scene itself does not come about. */
export async function play(world: ConformanceWorld, { open, questions, close }: Scene): Promise<readonly Answered[]> {
  const stage = await open(world);
  const answered: Answered[] = [];
  try {
    for (const some of questions) {
      answered.push(...(await Promise.all([some].flat().map((question) => ask(question, stage)))));
    }
  } finally {
    await close?.(stage);
  }
  return answered;
}

async function ask(question: Question<unknown>, stage: unknown): Promise<Answered> {
  try {
    const answers = await question.ask(stage);
    return { question, answers, problems: problemsOf(question, answers) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { question, answers: { error: why }, problems: [`could not be asked: ${why}`] };
  }
}

function problemsOf({ expected }: Question<unknown>, answers: Answers): string[] {
  return Object.entries(expected)
    .filter(([part, expectation]) => !fits(expectation, answers[part]))
    .map(
      ([part, expectation]) => `${part}: ${JSON.stringify(answers[part])} instead of ${JSON.stringify(expectation)}`,
    );
}
