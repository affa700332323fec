import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Sim } from "../../sim/sim.ts";
import type { Host } from "../host/host.ts";
import type { ApiServer } from "../kube/apiserver.ts";
import { createInformer } from "../kube/informer.ts";
import type { KubeObject } from "../kube/object.ts";
import type { Process } from "../process.ts";
import { hasEnded, textAt } from "./values.ts";

/** The host routes of one node's own pods: pod address to the interface it is behind, `cali…`. */
export type Routes = ReadonlyMap<string, string>;

/** The calico-node pod of one node: it alone writes the node's routes, from the Pods that its informer shows. */
export interface CalicoNode {
  readonly routes: Routes;
  /** Whose apiserver it reads through the Service address; null while it does not run. */
  readonly apiserver: NodeName | null;
  /** `kubectl delete pod`: it starts anew, through an apiserver that is drawn anew. Routes stay until its first list. */
  restart(): void;
}

interface CalicoOptions {
  readonly sim: Sim;
  readonly host: Host;
  /** Those behind the Service `kubernetes`: kube-proxy sends each new connection to one of them. */
  readonly apiservers: readonly ApiServer[];
}

/** A new container of the DaemonSet runs after so long. */
const RESTART_MS = { min: 2000, max: 6000 } as const;

const byHost = new WeakMap<Host, CalicoNode>();

/** calico-node of a host; undefined when none was ever started there. */
export function calicoNodeOf(host: Host): CalicoNode | undefined {
  return byHost.get(host);
}

/** Starts calico-node; it comes back after a power loss. A stale informer below it leaves new pods without a route, without a line. */
export function startCalicoNode({ sim, host, apiservers }: CalicoOptions): CalicoNode {
  const draws = sim.random(`calico ${host.name}`);
  const routes = new Map<string, string>();
  let process: Process | null = null;
  let current: ApiServer | null = null;

  function start(): void {
    if (!host.isUp) return void sim.after(draws.between(RESTART_MS.min, RESTART_MS.max), start);
    const started = host.spawn("calico-node");
    process = started;
    // One that does not answer is left at the first failed connection; kube-proxy draws another then.
    const living = apiservers.filter(({ port }) => port.listener !== null);
    const apiserver = draws.pick(living.length > 0 ? living : apiservers);
    current = apiserver;
    started.onEnd(() => {
      if (process !== started) return;
      current = null;
      if (!host.isUp) routes.clear();
      sim.after(draws.between(RESTART_MS.min, RESTART_MS.max), start);
    });
    follow(started, apiserver);
  }

  function follow(started: Process, apiserver: ApiServer): void {
    const informer = createInformer({
      sim,
      process: started,
      apiserver,
      resource: "pods",
      fieldSelector: `spec.nodeName=${host.name}`,
      onAdd: put,
      onUpdate: (_before, pod) => put(pod),
      onDelete: remove,
      onSynced: () => {
        const known = new Set([...informer.objects.values()].map((pod) => textAt(pod, "status", "podIP")));
        for (const address of routes.keys()) if (!known.has(address)) routes.delete(address);
      },
    });
  }

  function put(pod: KubeObject): void {
    const address = textAt(pod, "status", "podIP");
    if (address === "") return;
    if (hasEnded(pod)) routes.delete(address);
    else routes.set(address, interfaceOf(pod));
  }

  function remove(pod: KubeObject): void {
    routes.delete(textAt(pod, "status", "podIP"));
  }

  start();
  const calico: CalicoNode = {
    routes,
    get apiserver() {
      return current?.node ?? null;
    },
    restart: () => process?.end({ code: "killed", signal: "TERM" }),
  };
  byHost.set(host, calico);
  return calico;
}

/** `cali` and 11 hexadecimal digits, here of the pod's uid. */
function interfaceOf({ metadata }: KubeObject): string {
  return `cali${(metadata.uid ?? "").replaceAll("-", "").slice(0, 11)}`;
}
