import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../adapters/clock/system-clock.ts";
import { readRecording } from "../../adapters/recording/reader.ts";
import { changes } from "../../core/recording/replay.ts";
import { drawMatrix, remedyText } from "../render/ladder.ts";
import { canvasFor, ink } from "../render/style.ts";
import { CliError, EXIT_INTERRUPTED } from "../exit-codes.ts";
import { interruptSignal } from "../signals.ts";
import { drawChange, profileOf } from "./replay.ts";

export interface DemoOptions {
  /** How many recorded seconds pass in one second; 0 prints everything at once. */
  readonly speed: number;
}

/** `quorate demo --recording`: a recorded real feed death and its cure, rung by rung. Needs no cluster and no privileges. */
export async function demo(options: DemoOptions): Promise<number> {
  const signal = interruptSignal(() => undefined);
  const recording = readRecording(recordingPath());
  const profile = profileOf(recording);
  const canvas = canvasFor(process.stdout);
  say(
    ink(
      canvas,
      "bold",
      "A watch feed dies and is healed: a recording of real nodes, judged by the same core as your own",
    ),
  );
  say(`${recording.header.note ?? ""}\n`);
  let atMs = recording.header.startedAtMs;
  for (const change of changes(recording)) {
    if (options.speed > 0) await systemClock.sleep((change.atMs - atMs) / options.speed, signal);
    if (signal.aborted) break;
    atMs = change.atMs;
    say(drawChange(recording, change, canvas));
    if (!change.isCause || change.to !== "broken") continue;
    const cause = change.ladder.causes.find(({ node }) => node === change.node);
    say(`\n${drawMatrix(change.ladder, canvas)}\n`);
    if (cause !== undefined)
      say(`${ink(canvas, "red", "CAUSE")}  ${cause.node}, rung ${cause.rung}\nREMEDY ${remedyText(cause, profile)}\n`);
  }
  const last = changes(recording).at(-1);
  if (last !== undefined) say(`\n${drawMatrix(last.ladder, canvas)}`);
  say(NEXT);
  return signal.aborted ? EXIT_INTERRUPTED : 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const NEXT = `
On your own cluster (nothing is installed on the nodes):
  npm run quorate -- doctor --ssh root@node1 --ssh root@node2 --ssh root@node3
or on a control-plane node, as root:
  npm run quorate -- doctor
`;

/** Beside the sources in a checkout, beside the bundle in a package. */
function recordingPath(): string {
  const candidates = ["../../../recordings/feed-death.ndjson", "../recordings/feed-death.ndjson"];
  const paths = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new CliError("the recording of the demonstration is missing from this installation");
  return found;
}
