import { type Call, callQuorate } from "../quorate/call.ts";
import type { Play } from "./stage.ts";

/** No call of a Quorate command takes longer in a story: past it something waits for what never comes. */
const AT_MOST_MS = 400_000;

/** One call of a Quorate command in a story; its acts are told to the chronicle. */
export function askQuorate<T>(play: Play, by: string, run: (call: Call) => Promise<T>): Promise<T> {
  const { world, driver, runStore, chronicle } = play;
  return callQuorate({
    world,
    runStore,
    by,
    run,
    onEvent: (event) => chronicle.quorate({ atMs: driver.sim.nowMs(), quorate: by, ...event }),
    drive: (answer) => play.drive(answer, AT_MOST_MS),
  });
}
