import { createSim, type LogLine, type SimDriver } from "../sim/sim.ts";
import { createWorld } from "./create-world.ts";
import type { ClusterSpec, World } from "./world.ts";

/**
 * How long before its start a world is booted: the wrapper's sleep (6 s), the first election (up to 6 s), the apiservers
 * (a few seconds) and the first Leases fit twice.
 */
const WARM_UP_MS = 60_000;

export interface WarmWorldOptions {
  readonly seed: number;
  /** When it serves, ms since the epoch. */
  readonly startMs: number;
  readonly spec: ClusterSpec;
  /** Gets the lines of the warm-up too; theirs are before `startMs`. */
  readonly onLog?: (line: LogLine) => void;
}

/** A world in which everything is up and serves: booted a minute of virtual time before. */
export async function createWarmWorld({
  seed,
  startMs,
  spec,
  onLog,
}: WarmWorldOptions): Promise<{ readonly driver: SimDriver; readonly world: World }> {
  const driver = createSim({ seed, startMs: startMs - WARM_UP_MS, ...(onLog === undefined ? {} : { onLog }) });
  const world = createWorld(driver.sim, spec);
  await driver.runUntil(startMs);
  return { driver, world };
}
