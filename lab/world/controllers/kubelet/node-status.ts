import type { Release } from "../../releases.ts";
import { isEqual } from "../../kube/equal.ts";
import type { Fields, KubeObject } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { runTask, type Task } from "../task.ts";
import { conditionOf, itemsAt, textAt } from "../values.ts";
import type { Pleg } from "./pleg.ts";

/** nodeStatusUpdateFrequency: how often it looks, and nodeStatusReportFrequency: how often it writes without a change. */
const CHECK_MS = 10_000;
const REPORT_MS = 300_000;

/** The Node object: registered at the start, its status written on change or each 5 min. Compares with what its own informer shows. */
export function startNodeStatus(component: Component, pleg: Pleg, release: Release): void {
  const { api, informers, process, sim, host } = component;
  const nodes = informers.of("nodes");
  let reportedAtMs: number | null = null;
  let isRegistered = false;
  let isBusy = false;
  /** The Node that was found to say what it should. */
  let checked: KubeObject | null = null;

  function* sync(): Task {
    if (!isRegistered && !(yield* register())) return;
    const node = nodes.get(null, host.name);
    if (node === undefined) return;
    const conditions = conditionsOf(node, pleg.problem(), timeText(host.clock.nowMs()));
    const isChanged = !isEqual(withoutHeartbeats(itemsAt(node, "status", "conditions")), withoutHeartbeats(conditions));
    const isDue = reportedAtMs === null || sim.nowMs() - reportedAtMs >= REPORT_MS;
    checked = isChanged || pleg.problem() !== null ? null : node;
    if (!isChanged && !isDue) return;
    const target = { namespace: null, name: host.name, subresource: "status" } as const;
    const reply = yield* api.patch("nodes", target, { status: { ...machine(component, release), conditions } });
    if (reply.ok) reportedAtMs = sim.nowMs();
    else component.print("E", "kubelet_node_status.go", `"Error updating node status, will retry" err="${reply.why}"`);
  }

  function* register(): Task<boolean> {
    const found = yield* api.get("nodes", null, host.name);
    if (!found.ok && found.status !== 404) return false;
    const reply = found.ok ? found : yield* api.create("nodes", nodeOf(component, release));
    isRegistered = reply.ok;
    if (!found.ok && reply.ok)
      component.print("I", "kubelet_node_status.go", `"Successfully registered node" node="${host.name}"`);
    return isRegistered;
  }

  /** The usual case: nothing is new, and it is not yet time to report. */
  const isQuiet = () =>
    checked !== null &&
    checked === nodes.objects.get(host.name) &&
    reportedAtMs !== null &&
    sim.nowMs() - reportedAtMs < REPORT_MS &&
    pleg.problem() === null;
  const tick = () => {
    if (isBusy || isQuiet()) return;
    isBusy = true;
    runTask(sync(), () => {
      isBusy = false;
    });
  };
  informers.whenSynced(["nodes"], tick);
  informers.listen("nodes", {
    onAdd: ({ metadata }) => (metadata.name === host.name && nodes.hasSynced ? tick() : undefined),
  });
  pleg.onChange(tick);
  process.every(CHECK_MS, tick);
}

function conditionsOf(node: KubeObject, problem: string | null, now: string): readonly Fields[] {
  const pressures = [
    ["MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ["DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ] as const;
  const ready =
    problem === null
      ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
      : { type: "Ready", status: "False", reason: "KubeletNotReady", message: problem };
  const told: readonly Fields[] = [
    ...pressures.map(([type, reason, message]) => ({ type, status: "False", reason, message })),
    ready,
  ];
  return told.map((condition) => {
    const before = conditionOf(node, textAt(condition, "type"));
    const isSame = before?.["status"] === condition["status"];
    const lastTransitionTime = (isSame ? before?.["lastTransitionTime"] : undefined) ?? now;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
}

function withoutHeartbeats(conditions: readonly Fields[]): readonly Fields[] {
  return conditions.map(({ type, status, reason }) => ({ type, status, reason }) as Fields);
}

/** What stays the same of a node's status. The machines of the seeds' cluster are not known: an ordinary small server. */
function machine({ host }: Component, release: Release): Fields {
  const resources = { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "200Gi" };
  return {
    addresses: [
      { type: "InternalIP", address: host.address },
      { type: "Hostname", address: host.name },
    ],
    capacity: resources,
    allocatable: resources,
    nodeInfo: {
      kubeletVersion: `v${release.id}.0`,
      kubeProxyVersion: `v${release.id}.0`,
      containerRuntimeVersion: "containerd://1.7.28",
      operatingSystem: "linux",
      architecture: "amd64",
      osImage: "Ubuntu 24.04 LTS",
      kernelVersion: "6.8.0",
      machineID: "",
      systemUUID: "",
      bootID: "",
    },
  };
}

function nodeOf(component: Component, release: Release): KubeObject {
  const { host } = component;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: host.name,
      labels: {
        "kubernetes.io/hostname": host.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "microk8s.io/cluster": "true",
        "node.kubernetes.io/microk8s-controlplane": "microk8s-controlplane",
      },
    },
    spec: {},
    status: machine(component, release),
  };
}
