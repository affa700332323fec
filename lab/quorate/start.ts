import type { Ladder } from "../../src/core/ladder/climb.ts";
import type { NodeName } from "../../src/core/model/observation.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import type { RunStore } from "../../src/ports/run-store.ts";
import type { Sim } from "../sim/sim.ts";
import { createProcess, type Process } from "../world/process.ts";
import type { World } from "../world/world.ts";
import type { NewQuorateEvent, QuorateEvent } from "./events.ts";
import { createLife } from "./life.ts";
import { type ProgramRun, runProgram } from "./program.ts";
import { createReadNotes } from "./read-log.ts";
import { type LabRunStore, ProcessEnded } from "./run-store.ts";
import { createLabTaps } from "./taps.ts";

/** systemd's RestartSec for a daemon that ended, or a person who calls it again. */
const START_AGAIN_MS = 5000;

/** Where production parts are replaced by broken ones, to show that the invariants catch them. */
export interface Seams extends Pick<ProgramRun, "rungs" | "rules" | "nextStep"> {
  readonly wrapTaps?: (taps: NodeTaps, run: { readonly sim: Sim; readonly world: World }) => NodeTaps;
  readonly wrapStore?: (store: RunStore) => RunStore;
}

export interface QuorateOptions {
  readonly sim: Sim;
  readonly world: World;
  /** Its name in the lock's holder and in events. Default `quorate`. */
  readonly name?: string;
  /** Where it runs: `ops`, or a node. */
  readonly from: NodeName;
  /** The nodes it is configured with; default all. */
  readonly nodes?: readonly NodeName[];
  readonly mode: ProgramRun["mode"];
  readonly runStore: LabRunStore;
  /** Null (default): it watches for ever. Else a one-shot doctor that often while nothing calls for attention. */
  readonly doctorEveryMs?: number | null;
  readonly onEvent?: (event: QuorateEvent) => void;
  readonly seams?: Seams;
  readonly hasMetrics?: boolean;
}

/** A supervised Quorate: killed, or lost with its machine, it is started anew with its journal. */
export interface Quorate {
  readonly name: string;
  readonly place: NodeName;
  readonly nodes: readonly NodeName[];
  readonly mode: ProgramRun["mode"];
  readonly state: "running" | "paused" | "down";
  /** Whether it observes continuously, and since when (null while it does not, or is paused or down). */
  readonly watchingSinceMs: number | null;
  /** The last ladder it looked at; null before the first and after a start. */
  readonly ladder: Ladder | null;
  /** It shall observe continuously until then (virtual time). */
  attend(untilMs: number): void;
  kill(): void;
  pause(): void;
  resume(): void;
  killAtEntry(nth: number, isKept: boolean): void;
  /** Ends it for good. */
  stop(): void;
}

/** Starts a Quorate process in the emulated world, running the production observer, doctor and recover. */
export function startQuorate(options: QuorateOptions): Quorate {
  const { sim, world, from, runStore, mode, name = "quorate", seams = {} } = options;
  const nodes = options.nodes ?? world.nodes.map((node) => node.name);
  const host = world.host(from);
  let process: Process | null = null;
  let isStopped = false;
  let ladder: Ladder | null = null;
  let watchingSinceMs: number | null = null;
  let attendUntilMs = sim.nowMs();
  let wakeUp: AbortController = new AbortController();

  const tell = (event: NewQuorateEvent): void => {
    if (event.kind === "attention") watchingSinceMs = event.isWatching ? sim.nowMs() : null;
    options.onEvent?.({ atMs: sim.nowMs(), quorate: name, ...event });
  };

  function start(): void {
    if (isStopped) return;
    if (!host.isUp) return void sim.after(START_AGAIN_MS, start);
    const own = createProcess(sim, { node: from, program: "quorate", pid: host.nextPid() });
    process = own;
    ladder = null;
    wakeUp = new AbortController();
    own.onEnd(() => {
      watchingSinceMs = null;
      ladder = null;
      tell({ kind: "quorate-ended" });
      sim.after(START_AGAIN_MS, start);
    });
    tell({ kind: "quorate-started" });
    sim.settle(() => void program(own));
  }

  async function program(own: Process): Promise<void> {
    try {
      await runProgram(programRun(own));
    } catch (error) {
      if (error instanceof ProcessEnded) return;
      tell({ kind: "quorate-crashed", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      own.end({ code: "exited", status: 1 });
    }
  }

  function programRun(own: Process): ProgramRun {
    const life = createLife({ sim, world, process: own });
    const notes = createReadNotes(sim);
    const tellAlive = (event: NewQuorateEvent): void => {
      if (own === process) tell(event);
    };
    const hasMetrics = options.hasMetrics ?? false;
    const taps = nodes.map((node) =>
      createLabTaps({ sim, world, process: own, node, by: name, onEvent: tellAlive, notes, hasMetrics }),
    );
    const { wrapTaps, wrapStore, ...registries } = seams;
    const store = runStore.openedBy(own);
    return {
      ...registries,
      mode,
      taps: wrapTaps === undefined ? taps : taps.map((one) => wrapTaps(one, { sim, world })),
      clock: life.clock,
      store: wrapStore?.(store) ?? store,
      actor: name,
      newId: () => sim.random(`ids of ${name}`).hex(8),
      tell: tellAlive,
      show: (seen) => {
        ladder = seen;
      },
      doctorEveryMs: options.doctorEveryMs ?? null,
      isAttentionWanted: () => sim.nowMs() < attendUntilMs,
      untilAttention: async (ms) => {
        await life.clock.sleep(ms, wakeUp.signal);
        wakeUp = new AbortController();
      },
    };
  }

  runStore.onEntry((run, entry) => tell({ kind: "entry", run, entry }));
  start();
  return {
    name,
    place: from,
    nodes,
    mode,
    get state() {
      return process === null || process.state === "ended" ? "down" : process.state;
    },
    get watchingSinceMs() {
      return process?.state === "running" ? watchingSinceMs : null;
    },
    get ladder() {
      return ladder;
    },
    attend: (untilMs) => {
      attendUntilMs = Math.max(attendUntilMs, untilMs);
      wakeUp.abort();
    },
    kill: () => process?.end({ code: "killed", signal: "KILL" }),
    pause: () => process?.pause(),
    resume: () => process?.resume(),
    killAtEntry: (nth, isKept) => runStore.killAtEntry(nth, isKept),
    stop: () => {
      isStopped = true;
      process?.end({ code: "killed", signal: "TERM" });
    },
  };
}
