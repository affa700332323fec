import type { NodeName } from "../../src/core/model/observation.ts";
import type { RungId } from "../../src/core/model/verdict.ts";
import type { LabEvent } from "./invariant.ts";
import type { Truth } from "./truth.ts";

/** Nodes whose Watch streams a fault holds back now: a truth that only the fault knows. */
export type Held = ReadonlySet<NodeName>;

/** Follows the faults that hold streams back. */
export function createHeld(): { readonly now: Held; see(event: LabEvent): void } {
  const holds = new Map<NodeName, number>();
  const now = new Set<NodeName>();
  return {
    now,
    see: (event) => {
      if (event.kind !== "fault" || event.plan.fault !== "watch-streams-held") return;
      for (const node of event.plan.nodes) {
        const count = (holds.get(node) ?? 0) + (event.is === "begun" ? 1 : -1);
        holds.set(node, count);
        if (count > 0) now.add(node);
        else now.delete(node);
      }
    },
  };
}

/**
 * What is really broken on a node now, by rung. `store` is left out: whether reads fail shows in leader, members and disks,
 * and each of those is looked at where it matters.
 */
export function breaksNow(truth: Truth, node: NodeName, held: Held): ReadonlySet<Exclude<RungId, "store">> {
  const found = new Set<Exclude<RungId, "store">>();
  if (!truth.isUp(node)) return found;
  if (truth.isStopMarked(node) || isDown(truth, node)) found.add("unit");
  if (truth.leader() === null) found.add("quorum");
  if (truth.process(node, "datastore") !== "running") {
    if (!found.has("unit")) found.add("quorum");
    return found;
  }
  if (!truth.isPollAlive(node)) found.add("feed");
  if (truth.mutedPrefixes(node).length > 0 || held.has(node)) found.add("cache");
  return found;
}

/** Neither runs nor is on its way: what the ladder calls broken at its lowest rung. */
export function isDown(truth: Truth, node: NodeName): boolean {
  return (["datastore", "kubelite"] as const).some((role) =>
    ["inactive", "failed"].includes(truth.unit(node, role).activeState),
  );
}
