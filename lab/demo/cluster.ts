import type { NodeName } from "../../src/core/model/observation.ts";
import { createLabRunStore, type LabRunStore } from "../quorate/run-store.ts";
import { type Quorate, startQuorate } from "../quorate/start.ts";
import { createSim, type SimDriver } from "../sim/sim.ts";
import { createWorld } from "../world/create-world.ts";
import { type ReviewMonitoring, startReviewMonitoring } from "../world/actors/review-monitoring.ts";
import { type ClusterSpec, UNITS, type World } from "../world/world.ts";
import type { DemoEvent, NewDemoEvent } from "./event.ts";
import { createNagiosVoice } from "./voices/nagios.ts";
import { createQuorateVoice, type QuorateVoice } from "./voices/quorate.ts";
import { type Break, isTold, watchBreaks } from "./voices/world.ts";

/** An emulated cluster with all who watch it. */
export interface Cluster {
  readonly driver: SimDriver;
  readonly world: World;
  readonly runStore: LabRunStore;
  /** Null where nobody watches. */
  readonly monitoring: ReviewMonitoring | null;
  /** The Quorate that watches from the operator's machine; it only looks. Null where nobody watches. */
  readonly quorate: Quorate | null;
  readonly voice: QuorateVoice;
  /** What was really broken, from the beginning. */
  readonly breaks: readonly Break[];
  tell(event: NewDemoEvent): void;
  /** What was told since the last call, in the order of its time. */
  take(): readonly DemoEvent[];
}

export interface ClusterOptions {
  readonly seed: number;
  readonly spec: ClusterSpec;
  /** When the story begins, ms since the epoch; the cluster is booted before. */
  readonly startMs: number;
  /** Whose controllers lead. */
  readonly kcm: NodeName;
  /** Whether the review's Nagios and a Quorate watch it. */
  readonly isWatched: boolean;
}

/** The first node's controllers take the Leases within a minute; the others come then, and have as long again, and more. */
const WARM_UP_MS = 240_000;
const OTHERS_AFTER_MS = 60_000;

/** While nothing is told Quorate looks that often, as `quorate doctor` from a timer: it keeps the simulation fast. */
export const DOCTOR_EVERY_MS = 300_000;

/** Boots a cluster; who watches it does so from the operator's machine, from the beginning of the story. */
export async function openCluster({ seed, spec, startMs, kcm, isWatched }: ClusterOptions): Promise<Cluster> {
  let told: DemoEvent[] = [];
  const driver = createSim({
    seed,
    startMs: startMs - WARM_UP_MS,
    onLog: (line) => {
      if (line.atMs >= startMs && isTold(line)) told.push({ kind: "world", ...line });
    },
  });
  const { sim } = driver;
  const world = createWorld(sim, spec);
  const others = world.nodes.filter(({ name }) => name !== kcm);
  for (const { host } of others) host.systemd.stop(UNITS.kubelite, "story");
  await driver.runUntil(startMs - WARM_UP_MS + OTHERS_AFTER_MS);
  for (const { host } of others) host.systemd.start(UNITS.kubelite, "story");
  await driver.runUntil(startMs);

  const tell = (event: NewDemoEvent): void => void told.push({ atMs: sim.nowMs(), ...event });
  const monitoring = isWatched ? startReviewMonitoring(world) : null;
  const nagios = monitoring === null ? null : createNagiosVoice(monitoring);
  const voice = createQuorateVoice(sim, tell);
  const runStore = createLabRunStore();
  const breaks = watchBreaks(world, (node, muted) => {
    const text =
      muted.length === 0 ? "no watch stream is mute any more" : `open and mute: watch of ${muted.join(", ")}`;
    tell({ kind: "world", who: node, text });
  });
  const doctorEveryMs = DOCTOR_EVERY_MS;
  const watcher = { sim, world, from: "ops", mode: "observe", runStore: createLabRunStore(), doctorEveryMs } as const;
  const quorate = isWatched ? startQuorate({ ...watcher, onEvent: voice.hear }) : null;
  return {
    driver,
    world,
    runStore,
    monitoring,
    quorate,
    voice,
    breaks,
    tell,
    take: () => {
      const fresh = [...told, ...(nagios?.take() ?? [])].sort((one, other) => one.atMs - other.atMs);
      told = [];
      return fresh;
    },
  };
}
