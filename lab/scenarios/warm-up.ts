import type { NodeName } from "../../src/core/model/observation.ts";
import { createSim, type LogLine, type SimDriver } from "../sim/sim.ts";
import { createWorld } from "../world/create-world.ts";
import { type ClusterSpec, UNITS, type World } from "../world/world.ts";
import { holderOf } from "./truths.ts";

/** Booting, an election, the apiservers, the first Leases: a minute; and as much again for the nodes that come later. */
const WARM_UP_MS = 180_000;

/** When the other nodes' kubelites come, so that the first one has the controllers' Leases by then. */
const OTHERS_AFTER_MS = 60_000;

export interface WarmUpOptions {
  readonly seed: number;
  /** When it serves, ms since the epoch. */
  readonly startMs: number;
  readonly onLog: (line: LogLine) => void;
  /** Whose controllers lead; null: whoever is first. */
  readonly kcm: NodeName | null;
  /** Who leads dqlite; null: whoever is elected. */
  readonly leader: NodeName | null;
}

/** A cluster in which everything is up and serves, with the leaders that a story needs. */
export async function warmUp(
  spec: ClusterSpec,
  { seed, startMs, onLog, kcm, leader }: WarmUpOptions,
): Promise<{ readonly driver: SimDriver; readonly world: World }> {
  const driver = createSim({ seed, startMs: startMs - WARM_UP_MS, onLog });
  const world = createWorld(driver.sim, spec);
  const later = kcm === null ? [] : world.nodes.filter(({ name }) => name !== kcm);
  for (const { host } of later) host.systemd.stop(UNITS.kubelite, "story");
  await driver.runUntil(startMs - WARM_UP_MS + OTHERS_AFTER_MS);
  if (kcm !== null && !holderOf(world).startsWith(`${kcm}_`)) throw new Error(`${kcm} does not lead the controllers`);
  for (const { host } of later) host.systemd.start(UNITS.kubelite, "story");
  await driver.runUntil(startMs - OTHERS_AFTER_MS);
  if (leader !== null && world.dqlite.leader() !== leader) world.dqlite.transfer(leader);
  await driver.runUntil(startMs);
  return { driver, world };
}
