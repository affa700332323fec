import type { NodeName } from "../../../src/core/model/observation.ts";
import type { World } from "../../world/world.ts";
import type { NodeObject } from "./objects.ts";

/** Whether the stored Node says Ready. */
export function isReady(world: World, node: NodeName): boolean {
  const stored: unknown = world.table.get(`/registry/minions/${node}`)?.value ?? null;
  return stored !== null && readiness(stored as NodeObject) === "Ready";
}

/** As kubectl prints a Node's state. */
export function readiness({ status, spec }: NodeObject): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  const word = ready === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}
