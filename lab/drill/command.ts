import { type Command, Option } from "commander";
import { actionWith, parseCount, parseSpeed, type Surroundings, withDirectory } from "../cli/options.ts";

interface StartArguments {
  readonly dir?: string;
  readonly seed?: number;
  readonly speed: number;
  readonly output: "text" | "json";
}

/** From this share of the points on a drill is passed. */
const PASSED_PERCENT = 70;

/** Adds `quorate drill`. What it needs is loaded when it runs. */
export function registerDrill(program: Command, surroundings: Surroundings): void {
  const drill = program
    .command("drill")
    .description("a scored exercise: an emulated cluster breaks, and you find out and heal it");
  const run = actionWith(surroundings);
  drill.command("list").description("what there is").action(run(list));
  withDirectory(drill.command("start"))
    .argument("<name>", "which one, or random")
    .description("start it and serve until it ends; Ctrl-C ends it, too")
    .addOption(new Option("--seed <N>", "repeats the chances of another one (default: drawn)").argParser(parseCount))
    .addOption(new Option("--speed <N>", "simulated seconds per second").default(1).argParser(parseSpeed))
    .addOption(new Option("-o, --output <format>", "of the score sheet").choices(["text", "json"]).default("text"))
    .addHelpText("after", START_HELP)
    .action(run(start));
  withDirectory(drill.command("say"))
    .argument("<rung>", "unit, quorum, store, feed, cache; or ok: nothing is broken")
    .argument("[node]", "on which node")
    .description("say what you found")
    .action(run(say));
  withDirectory(drill.command("done")).description("end it: there is nothing left to do").action(run(finish));
}

async function list(): Promise<number> {
  const { DRILLS } = await import("./registry.ts");
  for (const { id, briefing } of DRILLS) process.stdout.write(`  ${id.padEnd(16)}${briefing}\n`);
  return 0;
}

async function start(name: string, { dir, seed, speed, output }: StartArguments): Promise<number> {
  const [{ DRILLS }, { playDrill }, { score }, { drawSheet }, { defaultDirectory, LabError }] = await Promise.all([
    import("./registry.ts"),
    import("./start.ts"),
    import("./score.ts"),
    import("./sheet.ts"),
    import("../serve/state/directory.ts"),
  ]);
  const at = (seed ?? Date.now()) % DRILLS.length;
  const drill = name === "random" ? DRILLS[at] : DRILLS.find(({ id }) => id === name);
  if (drill === undefined) throw new LabError(`there is no drill "${name}"; quorate drill list shows them`);
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => abort.abort());
  const record = await playDrill({
    drill,
    isSurprise: name === "random",
    directory: dir ?? defaultDirectory(),
    speed,
    ...(seed === undefined ? {} : { seed }),
    // Progress goes beside the answer, which may be read by a program.
    ready: (text) => void (output === "json" ? process.stderr : process.stdout).write(text),
    signal: abort.signal,
  });
  const sheet = score(record);
  const text = output === "json" ? JSON.stringify({ sheet, record }, null, 2) : `\n${drawSheet(drill, record, sheet)}`;
  process.stdout.write(`${text}\n`);
  return sheet.points * 100 >= sheet.of * PASSED_PERCENT ? 0 : 1;
}

async function say(rung: string, node: string | undefined, { dir }: { readonly dir?: string }): Promise<number> {
  const noted = await ask<{ readonly atMs: number }>(dir, "/drill/say", {
    rung,
    ...(node === undefined ? {} : { node }),
  });
  process.stdout.write(`noted at ${new Date(noted.atMs).toISOString().slice(11, 19)}\n`);
  return 0;
}

async function finish({ dir }: { readonly dir?: string }): Promise<number> {
  await ask(dir, "/drill/done");
  process.stdout.write("the score sheet is where the drill was started\n");
  return 0;
}

async function ask<T>(dir: string | undefined, path: string, body?: unknown): Promise<T> {
  const [{ askLab }, { defaultDirectory }] = await Promise.all([
    import("../serve/control/client.ts"),
    import("../serve/state/directory.ts"),
  ]);
  return askLab<T>(dir ?? defaultDirectory(), "POST", path, body);
}

const START_HELP = `
Examples:
  quorate drill start dead-feed                 it prints what to do in another terminal
  quorate drill start random --seed 7           the same surprise again
  quorate drill say feed k8s02                  in the other terminal, as soon as you know it
  quorate drill done                            when there is nothing left to do
Scored are the time to say that something is wrong, the right rung and node, the cure, and harm done (quorum lost, two
nodes at once, restarts that were not called for, workloads lost, nodes left cordoned).
Exit codes: 0 passed (${PASSED_PERCENT} % of the points), 1 not passed, 64 usage or set-up.
`;
