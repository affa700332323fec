import { systemClock } from "../../adapters/clock/system-clock.ts";
import { openRecorder, type Recorder } from "../../adapters/recording/recorder.ts";
import { DOCTOR_BUDGET_MS, DOCTOR_FINAL_BUDGET_MS, firstAnswer, WATCH_EVERY_MS } from "../../app/doctor.ts";
import { startObserver } from "../../app/observer.ts";
import { RECORDING_VERSION, type RecordingHeader } from "../../core/recording/recording.ts";
import { EXIT_BY_STATE, EXIT_INTERRUPTED } from "../exit-codes.ts";
import { interruptSignal } from "../signals.ts";
import { VERSION } from "../version.ts";
import { type ClusterOptions, endObserving, openWorld, type World } from "../world.ts";
import { type AnswerOptions, printAnswer } from "./answer.ts";
import { replayDoctor } from "./replay.ts";

export interface DoctorOptions extends ClusterOptions, AnswerOptions {
  readonly budget?: number;
  readonly record?: string;
  readonly from?: string;
}

/** `quorate doctor`: observes, climbs, prints; returns the exit code. */
export async function doctor(options: DoctorOptions): Promise<number> {
  if (options.from !== undefined) return replayDoctor(options.from, options);
  const signal = interruptSignal(() => undefined);
  const world = await openWorld(options);
  let recorder: Recorder | null = null;
  try {
    if (options.record !== undefined) recorder = openRecorder(options.record, headerOf(world));
    return await observeAndPrint(world, options, recorder, signal);
  } finally {
    await world.close();
    recorder?.close();
  }
}

async function observeAndPrint(
  world: World,
  options: DoctorOptions,
  recorder: Recorder | null,
  signal: AbortSignal,
): Promise<number> {
  const observer = startObserver(world.nodes, systemClock, recorder?.write);
  // The monotonic clock counts from the start of the process, so this is what starting and connecting took.
  const startedMs = systemClock.monotonicMs();
  if (process.stderr.isTTY) process.stderr.write(`observing ${world.nodes.map(({ node }) => node).join(", ")} …\r`);
  try {
    let ladder = await firstAnswer(
      observer,
      { budgetMs: options.budget ?? DOCTOR_BUDGET_MS, spentMs: startedMs },
      signal,
    );
    if (ladder.waitingFor.length > 0 && options.watch !== true && options.budget === undefined && !signal.aborted) {
      if (options.output === "text") {
        printAnswer(ladder, world.profile, options, systemClock.monotonicMs() - startedMs);
        process.stdout.write(
          `\nUndecided: waiting up to ${DOCTOR_FINAL_BUDGET_MS / 1000} s more (Ctrl-C ends it).\n\n`,
        );
      }
      ladder = await observer.until((seen) => seen.waitingFor.length === 0, DOCTOR_FINAL_BUDGET_MS, signal);
    }
    for (;;) {
      printAnswer(ladder, world.profile, options, systemClock.monotonicMs() - startedMs);
      if (options.watch !== true || signal.aborted) break;
      await systemClock.sleep(WATCH_EVERY_MS, signal);
      ladder = observer.ladder();
    }
    return signal.aborted && options.watch !== true ? EXIT_INTERRUPTED : EXIT_BY_STATE[ladder.state];
  } finally {
    await endObserving(observer, world);
  }
}

function headerOf({ profile, nodes }: World): RecordingHeader {
  return {
    format: "quorate-recording",
    version: RECORDING_VERSION,
    quorate: VERSION,
    profile: profile.id,
    startedAtMs: systemClock.nowMs(),
    nodes: nodes.map(({ node }) => node),
  };
}
