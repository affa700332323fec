import type { NodeName } from "../../src/core/model/observation.ts";
import { createLabRunStore, type LabRunStore } from "../quorate/run-store.ts";
import { type Quorate, type QuorateOptions, startQuorate } from "../quorate/start.ts";
import type { SimDriver } from "../sim/sim.ts";
import type { ReviewMonitoring } from "../world/actors/review-monitoring.ts";
import type { ApiRequest, ApiResponse } from "../world/kube/apiserver.ts";
import type { Process } from "../world/process.ts";
import { type ClusterSpec, OPERATOR_MACHINE, type World } from "../world/world.ts";
import { createChronicle, type Chronicle } from "./chronicle.ts";
import { clockText } from "./print.ts";
import { ScenarioError } from "./text.ts";
import { watchTruth } from "./truth-watch.ts";
import { warmUp, type WarmUpOptions } from "./warm-up.ts";

/** One cluster with its time, from `cluster` to the next `cluster`. */
export interface Play {
  readonly driver: SimDriver;
  readonly world: World;
  readonly chronicle: Chronicle;
  readonly runStore: LabRunStore;
  readonly quorates: Map<string, Quorate>;
  /** How to undo what goes wrong now, by the name under which it was begun. */
  readonly faults: Map<string, () => void>;
  /** The review's monitoring, once it runs. */
  nagios: ReviewMonitoring | null;
  /** Who uses kubectl, Ansible and curl: the operator's machine. */
  readonly operator: Process;
  /** The time of the story. */
  now(): string;
  /** Lets time pass until the promise settles, two minutes at most unless told otherwise. */
  drive<T>(promise: Promise<T>, atMostMs?: number): Promise<T>;
  /** One request through the apiserver of a node; null when there was no answer in time. Somebody must let time pass. */
  ask(node: NodeName, request: ApiRequest, atMostMs?: number): Promise<ApiResponse | null>;
  quorate(options: Pick<QuorateOptions, "mode" | "from" | "doctorEveryMs" | "nodes">): Quorate;
}

export type OpenOptions = Omit<WarmUpOptions, "onLog">;

/** Where a scenario is played. */
export interface Stage {
  /** Throws when there is no cluster yet. */
  readonly play: Play;
  /** Leaves the cluster that was, and begins with another one. */
  open(spec: ClusterSpec, options: OpenOptions): Promise<Play>;
}

const DRIVE_MS = 120_000;

/** Longer than an apiserver's own limit of a request (34 s for a read that waits for etcd). */
const REQUEST_MS = 40_000;

export function createStage(): Stage {
  let play: Play | null = null;
  return {
    get play() {
      if (play === null) throw new ScenarioError("there is no cluster yet: begin with `cluster nodes=3 seed=1`");
      return play;
    },
    open: async (spec, options) => {
      play = await createPlay(spec, options);
      return play;
    },
  };
}

async function createPlay(spec: ClusterSpec, options: OpenOptions): Promise<Play> {
  const { startMs } = options;
  const chronicle = createChronicle(startMs);
  const { driver, world } = await warmUp(spec, { ...options, onLog: (line) => chronicle.line(line) });
  const { sim } = driver;
  watchTruth(world, (who, text) => chronicle.line({ atMs: sim.nowMs(), who, text }));
  const runStore = createLabRunStore();
  const quorates = new Map<string, Quorate>();
  const operator = world.host(OPERATOR_MACHINE).spawn("kubectl");
  const drive = <T>(promise: Promise<T>, atMostMs = DRIVE_MS) => driver.drive(promise, sim.nowMs() + atMostMs);
  return {
    driver,
    world,
    chronicle,
    runStore,
    quorates,
    faults: new Map(),
    nagios: null,
    operator,
    now: () => clockText(sim.nowMs(), startMs),
    drive,
    ask: (node, request, atMostMs = REQUEST_MS) =>
      new Promise((resolve) => {
        let isOver = false;
        const settle = (response: ApiResponse | null) => {
          if (isOver) return;
          isOver = true;
          timer.cancel();
          sim.settle(() => resolve(response));
        };
        const timer = sim.after(atMostMs, () => settle(null));
        world.node(node).apiserver.request(operator, { userAgent: "kubectl", ...request }, settle, () => settle(null));
      }),
    quorate: (options) => {
      const name = `quorate-${quorates.size + 1}`;
      const started = startQuorate({ ...options, sim, world, name, runStore, onEvent: chronicle.quorate });
      quorates.set(name, started);
      return started;
    },
  };
}
