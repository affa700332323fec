import { argsOf } from "./args.ts";
import { createStage, type Stage } from "./stage.ts";
import { parseScenario, printScenario, ScenarioError, type Command } from "./text.ts";
import type { Verb } from "./verb.ts";
import { VERBS } from "./verbs/registry.ts";

export interface RunOptions {
  /** Told of each command and its lines as they come, for people who watch. */
  readonly onOutput?: (lines: readonly string[]) => void;
  /** Other verbs, for tests of the runner. */
  readonly verbs?: readonly Verb[];
  readonly stage?: Stage;
}

/** Plays a scenario and returns its text with the outputs that it really has. */
export async function runScenario(text: string, options: RunOptions = {}): Promise<string> {
  const { onOutput = () => undefined, verbs = VERBS, stage = createStage() } = options;
  const scenario = parseScenario(text);
  const outputs: string[] = [];
  for (const { commands } of scenario.blocks) {
    const lines: string[] = [];
    for (const command of commands) {
      const said = await runCommand(command, stage, verbs);
      lines.push(...said);
      onOutput([`> ${commandText(command)}`, ...said]);
    }
    outputs.push(lines.join("\n"));
  }
  return printScenario(scenario, outputs);
}

async function runCommand(command: Command, stage: Stage, verbs: readonly Verb[]): Promise<readonly string[]> {
  const verb = verbs.find(({ id }) => id === command.verb);
  if (verb === undefined) {
    throw new ScenarioError(
      `line ${command.line}: no verb ${command.verb}; there are ${verbs.map(({ id }) => id).join(", ")}`,
    );
  }
  const args = argsOf(command);
  const lines = await verb.run(stage, args);
  args.end();
  const bad = lines.find((line) => line === "" || line === "----" || line.includes("\n"));
  if (bad !== undefined) throw new Error(`${verb.id} printed ${JSON.stringify(bad)}, which would end the output`);
  return lines;
}

function commandText({ verb, words, values }: Command): string {
  return [verb, ...words, ...[...values].map(([name, value]) => `${name}=${value}`)].join(" ");
}
