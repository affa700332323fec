import { type Observer, startObserver } from "../../src/app/observer.ts";
import type { RecoverContext } from "../../src/app/recover/context.ts";
import { microk8s } from "../../src/core/profiles/microk8s/index.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import { createProcess } from "../world/process.ts";
import { OPERATOR_MACHINE, type World } from "../world/world.ts";
import { createLife } from "./life.ts";
import type { LabRunStore } from "./run-store.ts";
import { createLabTaps } from "./taps.ts";

/** What one call of a Quorate command has in its hands. */
export interface Call {
  readonly taps: readonly NodeTaps[];
  readonly observer: Observer;
  readonly context: RecoverContext;
}

export interface CallOptions<T> {
  readonly world: World;
  readonly runStore: LabRunStore;
  /** In whose name. */
  readonly by: string;
  /** Its progress, line by line. */
  readonly say?: (line: string) => void;
  readonly onEvent?: Parameters<typeof createLabTaps>[0]["onEvent"];
  readonly run: (call: Call) => Promise<T>;
  /** Lets time pass until the answer is there. */
  readonly drive: (answer: Promise<T>) => Promise<T>;
}

const PID = 2000;

/** One call of a Quorate command on the operator's machine: it begins, looks, acts, answers, and its process ends. */
export async function callQuorate<T>(options: CallOptions<T>): Promise<T> {
  const { world, runStore, by, say = () => undefined, onEvent, run, drive } = options;
  const { sim } = world;
  const process = createProcess(sim, { node: OPERATOR_MACHINE, program: "quorate", pid: PID });
  const life = createLife({ sim, world, process });
  const listening = onEvent === undefined ? {} : { onEvent };
  const taps = world.nodes.map(({ name }) => createLabTaps({ sim, world, process, node: name, by, ...listening }));
  const observer = startObserver(taps, life.clock);
  const context: RecoverContext = {
    nodes: taps,
    profile: microk8s,
    clock: life.clock,
    store: runStore.openedBy(process),
    observer,
    signal: new AbortController().signal,
    say,
  };
  const answer = run({ taps, observer, context }).then(async (value) => {
    await observer.stop();
    return value;
  });
  const value = await drive(answer);
  process.end({ code: "exited", status: 0 });
  return value;
}
