import { parseArgs } from "node:util";
import { runScenarioFile, scenarioNames, scenarioPath } from "./files.ts";
import { ScenarioError } from "./text.ts";
import { VERBS } from "./verbs/registry.ts";

const USAGE = [
  "usage: scenario NAME|all [--rewrite] [--quiet]   plays a scenario and compares; --rewrite writes what it really says",
  "       scenario list                             the scenarios",
  "       scenario verbs                            what a line may say",
].join("\n");

/** `scenario ...`: returns the exit code, 1 when an output differs from what is written, 2 for a mistake in the call. */
export async function scenarioCommand(
  argv: readonly string[],
  print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { rewrite: { type: "boolean", default: false }, quiet: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [name] = positionals;
  const all = scenarioNames();
  if (name === "list") {
    for (const one of all) print(one);
    return 0;
  }
  if (name === "verbs") {
    for (const { usage } of VERBS) print(usage);
    return 0;
  }
  const chosen = name === "all" ? all : all.filter((one) => one === name);
  if (chosen.length === 0) {
    print(USAGE);
    print(`scenarios: ${all.join(", ")}`);
    return 2;
  }
  let isSame = true;
  for (const one of chosen) isSame = (await playOne(one, values, print)) && isSame;
  return isSame || values.rewrite ? 0 : 1;
}

async function playOne(
  name: string,
  { rewrite, quiet }: { readonly rewrite: boolean; readonly quiet: boolean },
  print: (line: string) => void,
): Promise<boolean> {
  const onOutput = (lines: readonly string[]) => (quiet ? undefined : lines.forEach(print));
  try {
    const { diff } = await runScenarioFile(scenarioPath(name), { rewrite, onOutput });
    print(diff === "" ? `${name}: as written` : `${name}: ${rewrite ? "rewritten" : "differs"}\n${diff}`);
    return diff === "";
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    print(`${name}: ${error.message}`);
    return false;
  }
}
