import type { NodeName, UnitRole } from "../../src/core/model/observation.ts";
import { UNITS, type World } from "../world/world.ts";
import { hold } from "./holds.ts";

/** The two units of a control-plane node. */
export const ROLES = ["datastore", "kubelite"] as const satisfies readonly UnitRole[];

/** Sends a signal to a unit's program; nothing happens when it does not run or its machine has no power. */
export function signal(world: World, node: NodeName, role: UnitRole, what: "KILL" | "STOP" | "CONT" | "TERM"): boolean {
  const { host } = world.node(node);
  if (!host.isUp || host.systemd.process(UNITS[role]) === null) return false;
  host.systemd.kill(UNITS[role], what);
  return true;
}

/** SIGSTOP until the returned function is called; then SIGCONT, harmless for a process that was started since. */
export function pauseUnit(world: World, node: NodeName, role: UnitRole): () => void {
  return hold(
    world,
    `pause ${node} ${role}`,
    () => signal(world, node, role, "STOP"),
    () => signal(world, node, role, "CONT"),
  );
}

/** Has systemd of that node restart a unit, unless the machine has no power. */
export function restartUnit(world: World, node: NodeName, role: UnitRole, by: string): void {
  const { host } = world.node(node);
  if (host.isUp) host.systemd.restart(UNITS[role], by);
}
