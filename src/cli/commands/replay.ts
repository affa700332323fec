import { readRecording } from "../../adapters/recording/reader.ts";
import type { Change } from "../../core/recording/replay.ts";
import { changes, finalLadder } from "../../core/recording/replay.ts";
import type { Recording } from "../../core/recording/recording.ts";
import { chooseProfile } from "../../core/profiles/registry.ts";
import { CliError, EXIT_BY_STATE } from "../exit-codes.ts";
import { type Canvas, ink, plain, stateText } from "../render/style.ts";
import { type AnswerOptions, printAnswer } from "./answer.ts";

/** `quorate doctor --from FILE`: the same core on recorded observations; with --watch every change is told. */
export function replayDoctor(path: string, options: AnswerOptions): number {
  const recording = readRecording(path);
  const profile = profileOf(recording);
  if (options.watch === true && options.output === "text") {
    for (const change of changes(recording))
      process.stdout.write(`${drawChange(recording, change, { colour: false })}\n`);
  }
  const ladder = finalLadder(recording);
  printAnswer(ladder, profile, { ...options, watch: false }, ladder.atMs - recording.header.startedAtMs);
  return EXIT_BY_STATE[ladder.state];
}

/** The profile that a recording was made with. Throws CliError when this Quorate does not have it. */
export function profileOf(recording: Recording) {
  const choice = chooseProfile(recording.header.profile);
  if (!choice.ok) throw new CliError(choice.message);
  return choice.profile;
}

/** One change as a line of a timeline, with the time since the recording began. */
export function drawChange(recording: Recording, change: Change, canvas: Canvas): string {
  const atText = `+${((change.atMs - recording.header.startedAtMs) / 1000).toFixed(1)} s`.padStart(9);
  const word = change.isCause ? change.to.toUpperCase() : change.to;
  const state = stateText(canvas, change.to, word.padEnd(9));
  return `${ink(canvas, "dim", atText)}  ${plain(change.node).padEnd(8)} ${change.rung.padEnd(7)} ${state} ${plain(change.message)}`;
}
