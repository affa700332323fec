import { resourceNamed } from "../world/kube/resources.ts";
import { field } from "../world/kube/object.ts";
import { UNITS, type World } from "../world/world.ts";

/** Whether nothing is really broken now, whoever can see it. */
export function isWell(world: World): boolean {
  return (
    world.dqlite.leader() !== null &&
    world.nodes.every(
      ({ host, datastore }) =>
        host.isUp &&
        Object.values(UNITS).every((unit) => host.systemd.process(unit)?.state === "running") &&
        datastore.port.listener !== null &&
        datastore.isPollAlive() &&
        datastore.mutedPrefixes().length === 0,
    )
  );
}

/** What a person could lose. */
const WORKLOADS = ["deployments.apps", "cronjobs.batch", "statefulsets.apps", "daemonsets.apps"] as const;

/** The workloads with their wanted replicas (1 for what has none). */
export function workloadsOf({ table }: World): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of WORKLOADS) {
    const { prefix, plural } = resourceNamed(name);
    for (const { key, value } of table.list(`${prefix}/`)) {
      found.set(`${plural} ${key.slice(prefix.length + 1)}`, Number(field(value, "spec", "replicas") ?? 1));
    }
  }
  return found;
}

/** What was there before, and is gone or was scaled down. */
export function lostSince(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): readonly string[] {
  return [...before].flatMap(([name, replicas]) => ((now.get(name) ?? -1) < replicas ? [name] : []));
}

/** Nodes on which nothing may be scheduled. */
export function cordonedNodes({ table }: World): readonly string[] {
  const { prefix } = resourceNamed("nodes");
  return table
    .list(`${prefix}/`)
    .flatMap(({ key, value }) =>
      field(value, "spec", "unschedulable") === true ? [key.slice(prefix.length + 1)] : [],
    );
}
