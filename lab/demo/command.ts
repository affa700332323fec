import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseCount } from "../cli/options.ts";
import type { DemoEvent } from "./event.ts";
import { createStepper } from "./stepper.ts";

/** What the demonstration needs of the command line that it is part of. */
export interface Surroundings {
  /** Takes the exit code of the command that ran. */
  readonly done: (exitCode: number) => void;
  /** `--recording`: replays the recording of real nodes. */
  readonly replay: (options: { readonly speed: number }) => Promise<number>;
}

export interface DemoOptions {
  readonly scenario: string;
  readonly seed: number;
  readonly speed: number;
  readonly step?: boolean;
  readonly output: "text" | "json";
}

/** Ended by Ctrl-C (128 + SIGINT). */
const EXIT_INTERRUPTED = 130;

/** The recording passes so many seconds in one of ours when it is not said otherwise. */
const RECORDING_SPEED = 20;

/** The seed of the story as it is told by default. */
const SEED = 24;

/** Adds `quorate demo`. What it needs is loaded when it runs: the other commands start as fast as without it. */
export function registerDemo(program: Command, { done, replay }: Surroundings): void {
  program
    .command("demo")
    .description("the incident of 2026-06-24 on an emulated cluster, with a real Quorate watching; needs no cluster")
    .addOption(new Option("--scenario <name>", "which story").choices(STORIES).default("incident"))
    .addOption(new Option("--seed <N>", "other chances").default(SEED).argParser(parseCount))
    .addOption(
      new Option("--speed <N>", "how fast it is told; 1 takes about a minute, 0 does not wait").argParser(parseSpeed),
    )
    .option("--step", "wait for Enter between chapters")
    .addOption(
      new Option("-o, --output <format>", "output format; json: one event a line")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--recording", "instead: replay the recording of real nodes, judged by the same core")
    .addHelpText("after", HELP)
    .action(async ({ recording, speed, ...options }: Partial<DemoOptions> & { recording?: boolean }) => {
      if (recording === true) return done(await replay({ speed: speed ?? RECORDING_SPEED }));
      done(await demo({ ...(options as DemoOptions), speed: speed ?? 1 }));
    });
}

/** In the order of `SCENES`, which is loaded only when it is needed; a test compares them. */
export const STORIES: readonly string[] = ["incident", "feed-death", "partial-freeze", "contention", "healthy"];

async function demo({ scenario, seed, speed, step, output }: DemoOptions): Promise<number> {
  const [{ SCENES }, { playScene }, { createTeller }, { paintFor }, { Interrupted }] = await Promise.all([
    import("./registry.ts"),
    import("./play.ts"),
    import("./teller.ts"),
    import("./draw.ts"),
    import("./stage.ts"),
  ]);
  const scene = SCENES.find(({ id }) => id === scenario);
  if (scene === undefined) throw new Error(`no story ${scenario}`);
  const { stdin, stdout } = process;
  const write = (text: string): void => void stdout.write(text);
  const abort = new AbortController();
  const { signal } = abort;
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => abort.abort());
  const stepper = step === true ? createStepper(stdin, stdout.isTTY ? write : null, signal) : null;
  const teller = createTeller({
    write,
    paint: paintFor(stdout.isTTY && process.env["NO_COLOR"] === undefined),
    speed,
    sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => undefined),
    step: stepper?.next ?? null,
    signal,
  });
  const print = (event: DemoEvent): void =>
    write(`${JSON.stringify({ at: new Date(event.atMs).toISOString(), ...event })}\n`);
  try {
    await playScene({ scene, seed, signal, tell: output === "json" ? print : teller.tell });
    await teller.done();
    if (signal.aborted) return EXIT_INTERRUPTED;
    if (output === "text") write(NEXT);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return EXIT_INTERRUPTED;
    throw error;
  } finally {
    stepper?.close();
  }
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() === "" || !Number.isFinite(speed) || speed < 0) {
    throw new InvalidArgumentError("a number of 0 or more");
  }
  return speed;
}

const HELP = `
Examples:
  quorate demo                           the incident, in about a minute
  quorate demo --step                    at your own pace
  quorate demo --scenario partial-freeze --speed 3
  quorate demo --seed 7 --speed 0        the same story with other chances
  quorate demo -o json                   what happened, for programs
  quorate demo --recording               a recording of real nodes instead (--speed: recorded seconds per second, default 20)
It needs no cluster, no network, no privileges and no terminal.
Exit codes: 0 told to the end, 64 usage, 130 interrupted.
`;

const NEXT = `
The same from real nodes, recorded:
  quorate demo --recording
On your own cluster (nothing is installed on the nodes, and doctor writes nothing):
  quorate doctor --ssh root@node1 --ssh root@node2 --ssh root@node3
Break one yourself, with kubectl in another terminal:
  quorate lab up        quorate drill list
(In a checkout: npm run quorate -- doctor ...)
`;
