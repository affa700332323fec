import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diffText } from "./diff.ts";
import { type RunOptions, runScenario } from "./run-scenario.ts";

export const SCENARIOS_DIR = import.meta.dirname;

/** Names of all scenarios, without the ending. */
export function scenarioNames(directory: string = SCENARIOS_DIR): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -".txt".length))
    .sort();
}

export function scenarioPath(name: string, directory: string = SCENARIOS_DIR): string {
  return join(directory, `${name}.txt`);
}

export interface FileOptions extends RunOptions {
  /** Writes the outputs that it really has into the file. */
  readonly rewrite?: boolean;
}

/** Plays a scenario's file; the difference to what it expects, empty when it went as written. */
export async function runScenarioFile(path: string, options: FileOptions = {}): Promise<{ readonly diff: string }> {
  const expected = readFileSync(path, "utf8");
  const played = await runScenario(expected, options);
  if (options.rewrite === true && played !== expected) writeFileSync(path, played);
  return { diff: diffText(expected, played) };
}
