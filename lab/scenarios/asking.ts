import type { RecoverContext } from "../../src/app/recover/context.ts";
import { type Observer, startObserver } from "../../src/app/observer.ts";
import { microk8s } from "../../src/core/profiles/microk8s/index.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import { createLife } from "../quorate/life.ts";
import { createLabTaps } from "../quorate/taps.ts";
import { createProcess } from "../world/process.ts";
import { OPERATOR_MACHINE } from "../world/world.ts";
import type { Play } from "./stage.ts";

/** What one call of a Quorate command has in its hands. */
export interface Call {
  readonly taps: readonly NodeTaps[];
  readonly observer: Observer;
  readonly context: RecoverContext;
}

const PID = 2000;

/** One call of a Quorate command from the operator's machine: it begins, looks, answers, and its process ends. */
export async function callQuorate<T>(play: Play, by: string, answer: (call: Call) => Promise<T>): Promise<T> {
  const { world, driver, runStore, chronicle } = play;
  const { sim } = driver;
  const process = createProcess(sim, { node: OPERATOR_MACHINE, program: "quorate", pid: PID });
  const life = createLife({ sim, world, process });
  const onEvent = (event: Parameters<NonNullable<Parameters<typeof createLabTaps>[0]["onEvent"]>>[0]) =>
    chronicle.quorate({ atMs: sim.nowMs(), quorate: by, ...event });
  const taps = world.nodes.map(({ name }) => createLabTaps({ sim, world, process, node: name, by, onEvent }));
  const observer = startObserver(taps, life.clock);
  const context: RecoverContext = {
    nodes: taps,
    profile: microk8s,
    clock: life.clock,
    store: runStore.openedBy(process),
    observer,
    signal: new AbortController().signal,
    say: () => undefined,
  };
  const answered = await play.drive(
    answer({ taps, observer, context }).then(async (value) => {
      await observer.stop();
      return value;
    }),
    400_000,
  );
  process.end({ code: "exited", status: 0 });
  return answered;
}
