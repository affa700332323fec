import { type LabNode, UNITS, type World } from "../world/world.ts";
import type { ActiveFault } from "./faults.ts";

/** The truth about a lab, as `quorate lab status` shows it: what no tap can see is in it. */
export interface LabStatus {
  readonly release: string;
  readonly speed: number;
  /** The world's now, ms since the epoch. */
  readonly nowMs: number;
  readonly directory: string;
  readonly leader: string | null;
  readonly revision: number;
  readonly connections: number;
  readonly nodes: readonly NodeStatus[];
  readonly faults: readonly ActiveFault[];
}

export interface NodeStatus {
  readonly name: string;
  readonly api: string;
  readonly isUp: boolean;
  readonly datastore: string;
  readonly kubelite: string;
  readonly role: string;
  readonly isPollAlive: boolean;
  readonly mutedPrefixes: readonly string[];
}

export function statusOf(world: World, node: LabNode, api: string): NodeStatus {
  const { systemd } = node.host;
  const unitText = (unit: string): string => {
    const { activeState, subState } = systemd.state(unit);
    const isPaused = systemd.process(unit)?.state === "paused";
    return `${activeState} (${isPaused ? "stopped by a signal" : subState})`;
  };
  return {
    name: node.name,
    api,
    isUp: node.host.isUp,
    datastore: unitText(UNITS.datastore),
    kubelite: unitText(UNITS.kubelite),
    role: world.dqlite.leader() === node.name ? "leader" : node.member.state().role,
    isPollAlive: node.datastore.isPollAlive(),
    mutedPrefixes: node.datastore.mutedPrefixes(),
  };
}
