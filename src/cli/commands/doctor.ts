import { systemClock } from "../../adapters/clock/system-clock.ts";
import { openRecorder } from "../../adapters/recording/recorder.ts";
import { DOCTOR_BUDGET_MS, firstAnswer, WATCH_EVERY_MS } from "../../app/doctor.ts";
import { startObserver } from "../../app/observer.ts";
import type { Ladder } from "../../core/ladder/climb.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import { RECORDING_VERSION, type RecordingHeader } from "../../core/recording/recording.ts";
import { EXIT_BY_STATE, EXIT_INTERRUPTED } from "../exit-codes.ts";
import { drawLadder } from "../render/ladder.ts";
import { canvasFor } from "../render/style.ts";
import { doctorReport } from "../report/doctor-report.ts";
import { interruptSignal } from "../signals.ts";
import { VERSION } from "../version.ts";
import { type ClusterOptions, endObserving, openWorld, type World } from "../world.ts";
import { replayDoctor } from "./replay.ts";

export interface DoctorOptions extends ClusterOptions {
  readonly output: "text" | "json";
  readonly watch?: boolean;
  readonly budget?: number;
  readonly record?: string;
  readonly from?: string;
}

/** `quorate doctor`: observes, climbs, prints; returns the exit code. */
export async function doctor(options: DoctorOptions): Promise<number> {
  if (options.from !== undefined) return replayDoctor(options.from, options);
  const signal = interruptSignal(() => undefined);
  return observeAndPrint(await openWorld(options), options, signal);
}

async function observeAndPrint(world: World, options: DoctorOptions, signal: AbortSignal): Promise<number> {
  const recorder = options.record === undefined ? null : openRecorder(options.record, headerOf(world));
  const observer = startObserver(world.nodes, systemClock, recorder?.write);
  // The monotonic clock counts from the start of the process, so this is what starting and connecting took.
  const startedMs = systemClock.monotonicMs();
  if (process.stderr.isTTY) process.stderr.write(`observing ${world.nodes.map(({ node }) => node).join(", ")} …\r`);
  try {
    let ladder = await firstAnswer(observer, { budgetMs: options.budget ?? DOCTOR_BUDGET_MS, spentMs: startedMs }, signal);
    for (;;) {
      print(ladder, world.profile, options, systemClock.monotonicMs() - startedMs);
      if (options.watch !== true || signal.aborted) break;
      await systemClock.sleep(WATCH_EVERY_MS, signal);
      ladder = observer.ladder();
    }
    return signal.aborted && options.watch !== true ? EXIT_INTERRUPTED : EXIT_BY_STATE[ladder.state];
  } finally {
    await endObserving(observer, world);
    recorder?.close();
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

/** One answer, as a page or as a document (one line each with --watch). */
export function print(ladder: Ladder, profile: Profile, options: DoctorOptions, observedMs: number): void {
  if (options.output === "json") {
    const report = doctorReport(ladder, profile, observedMs);
    process.stdout.write(`${JSON.stringify(report, null, options.watch === true ? undefined : 2)}\n`);
    return;
  }
  const canvas = canvasFor(process.stdout);
  const clear = options.watch === true && canvas.colour ? "\u001b[H\u001b[2J" : "";
  const head = `${profile.title}, ${ladder.nodes.length} nodes, observed for ${(observedMs / 1000).toFixed(1)} s, ${new Date(ladder.atMs).toISOString()}`;
  process.stdout.write(`${clear}${head}\n\n${drawLadder(ladder, profile, canvas)}`);
}
