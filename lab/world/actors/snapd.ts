import type { NodeName } from "../../../src/core/model/observation.ts";
import { UNITS, type World } from "../world.ts";

/** Between the stop of the services and their start: snapd copies the data of the old revision. */
const COPY_MS = { min: 5000, max: 30_000 } as const;

/** snapd refreshes the snap of one node: it stops its services one after the other, copies, and starts them. */
export function snapRefresh(world: World, node: NodeName, done: () => void = nothing): void {
  const { sim } = world;
  const { host } = world.node(node);
  const { systemd } = host;
  if (!host.isUp) return done();
  sim.log(node, "snapd refreshes microk8s");
  systemd.stop(UNITS.kubelite, "snapd", () => {
    systemd.stop(UNITS.datastore, "snapd", () => {
      sim.after(sim.random(`snapd ${node}`).between(COPY_MS.min, COPY_MS.max), () => {
        // A machine that lost its power meanwhile starts them by itself.
        if (!host.isUp) return done();
        systemd.start(UNITS.datastore, "snapd");
        systemd.start(UNITS.kubelite, "snapd", done);
      });
    });
  });
}

function nothing(): void {
  // Nobody waits for it.
}
