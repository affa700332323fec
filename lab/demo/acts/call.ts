import { type Observer, startObserver } from "../../../src/app/observer.ts";
import type { RecoverContext } from "../../../src/app/recover/context.ts";
import { microk8s } from "../../../src/core/profiles/microk8s/index.ts";
import type { NodeTaps } from "../../../src/ports/node-taps.ts";
import { createLife } from "../../quorate/life.ts";
import { createLabTaps } from "../../quorate/taps.ts";
import { createProcess } from "../../world/process.ts";
import { OPERATOR_MACHINE } from "../../world/world.ts";
import type { Cluster } from "../cluster.ts";
import type { Stage } from "../stage.ts";

/** What one call of a Quorate command has in its hands. */
export interface Call {
  readonly taps: readonly NodeTaps[];
  readonly observer: Observer;
  readonly context: RecoverContext;
}

export interface CallOptions<T> {
  /** In whose name. */
  readonly by: string;
  /** Its progress, line by line. */
  readonly say: (line: string) => void;
  readonly run: (call: Call) => Promise<T>;
  readonly atMostMs: number;
}

const PID = 2000;

/** One call of a Quorate command on the operator's machine: it begins, looks, acts, answers, and its process ends. */
export async function callQuorate<T>(stage: Stage, cluster: Cluster, options: CallOptions<T>): Promise<T> {
  const { world, driver, runStore } = cluster;
  const { sim } = driver;
  const process = createProcess(sim, { node: OPERATOR_MACHINE, program: "quorate", pid: PID });
  const life = createLife({ sim, world, process });
  const taps = world.nodes.map(({ name }) => createLabTaps({ sim, world, process, node: name, by: options.by }));
  const observer = startObserver(taps, life.clock);
  const context: RecoverContext = {
    nodes: taps,
    profile: microk8s,
    clock: life.clock,
    store: runStore.openedBy(process),
    observer,
    signal: new AbortController().signal,
    say: options.say,
  };
  const answer = options.run({ taps, observer, context }).then(async (value) => {
    await observer.stop();
    return value;
  });
  const value = await stage.drive(cluster, answer, options.atMostMs);
  process.end({ code: "exited", status: 0 });
  return value;
}
