import type { Fault } from "./fault.ts";
import { bareRestart } from "./bare-restart/index.ts";
import { clockDrift } from "./clock-drift/index.ts";
import { clockStep } from "./clock-step/index.ts";
import { diskFull } from "./disk-full/index.ts";
import { forgedLogLines } from "./forged-log-lines/index.ts";
import { journalRotation } from "./journal-rotation/index.ts";
import { lockHolderHangs } from "./lock-holder-hangs/index.ts";
import { lostKcm } from "./lost-kcm/index.ts";
import { oneWayPartition } from "./one-way-partition/index.ts";
import { packetDelay } from "./packet-delay/index.ts";
import { parallelAnsibleRestart } from "./parallel-ansible-restart/index.ts";
import { partition } from "./partition/index.ts";
import { personStopsNode } from "./person-stops-node/index.ts";
import { pollDeath } from "./poll-death/index.ts";
import { powerLoss } from "./power-loss/index.ts";
import { processKill } from "./process-kill/index.ts";
import { processPause } from "./process-pause/index.ts";
import { processSlow } from "./process-slow/index.ts";
import { quorateCutOff } from "./quorate-cut-off/index.ts";
import { quorateKill } from "./quorate-kill/index.ts";
import { quoratePause } from "./quorate-pause/index.ts";
import { scrapeNoise } from "./scrape-noise/index.ts";
import { slowDisk } from "./slow-disk/index.ts";
import { snapRefresh } from "./snap-refresh/index.ts";
import { streamChannelFull } from "./stream-channel-full/index.ts";
import { watchStreamsHeld } from "./watch-streams-held/index.ts";
import { writeStorm } from "./write-storm/index.ts";

/** Everything that can go wrong. A test compares this list with the folders. */
export const FAULTS = [
  processKill,
  processPause,
  processSlow,
  powerLoss,
  partition,
  oneWayPartition,
  packetDelay,
  diskFull,
  slowDisk,
  clockStep,
  clockDrift,
  writeStorm,
  lockHolderHangs,
  pollDeath,
  streamChannelFull,
  watchStreamsHeld,
  lostKcm,
  parallelAnsibleRestart,
  bareRestart,
  snapRefresh,
  personStopsNode,
  quorateKill,
  quorateCutOff,
  quoratePause,
  journalRotation,
  forgedLogLines,
  scrapeNoise,
] as const satisfies readonly Fault[];

/** A fault by its id; null when there is none. */
export function faultById(id: string): Fault | null {
  return FAULTS.find((fault) => fault.id === id) ?? null;
}
