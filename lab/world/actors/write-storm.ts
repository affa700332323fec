import { post } from "../controllers/component.ts";
import { timeText } from "../kube/time.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import { OPERATOR_MACHINE, type World } from "../world.ts";

export interface WriteStorm {
  /** Events a second, through each of the nodes. */
  readonly perSecond: number;
  /** All nodes when absent. */
  readonly nodes?: readonly NodeName[];
}

/** Events about pods that fail again and again, as fast as asked, until the returned function is called. */
export function startWriteStorm(world: World, { perSecond, nodes }: WriteStorm): () => void {
  const storm = world.host(OPERATOR_MACHINE).spawn("write-storm");
  const periodMs = Math.max(1, Math.round(1000 / perSecond));
  let written = 0;
  for (const name of nodes ?? world.nodes.map((node) => node.name)) {
    const { apiserver } = world.node(name);
    storm.every(periodMs, () => {
      written += 1;
      const now = timeText(world.sim.nowMs());
      const metadata = { name: `storm.${name}.${written.toString(16)}`, namespace: "default" };
      const involvedObject = { apiVersion: "v1", kind: "Pod", name: `storm-${name}`, namespace: "default" };
      const told = { type: "Warning", reason: "BackOff", message: "Back-off restarting failed container" };
      const times = { firstTimestamp: now, lastTimestamp: now, count: 1 };
      const source = { component: "kubelet", host: name };
      const event = { apiVersion: "v1", kind: "Event", metadata, involvedObject, ...told, source, ...times };
      post(storm, apiserver, "kubelet", event);
    });
  }
  return () => storm.end({ code: "killed", signal: "TERM" });
}
