import { isEqual } from "../../kube/equal.ts";
import { type Fields, type KubeObject } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { pause, runTask, type Task } from "../task.ts";
import { conditionOf, isActivePod, itemsAt, textAt, withCondition } from "../values.ts";

/** kube-controller-manager --node-monitor-period. */
const PERIOD_MS = 5000;
/** --node-monitor-grace-period: without a renewed Lease or status for so long, a node's state is Unknown. */
const GRACE_MS = 40_000;
/** A Lease that has not moved for so long is looked at closely: twice the kubelet's period. */
const QUIET_MS = 20_000;
/** scheduler.NodeHealthUpdateRetry tries, retrySleepTime apart. */
const TRIES = 5;
const TRY_SLEEP_MS = 20;
const UNKNOWN_TYPES = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

/** What was seen of a node last, by this process's own clock. */
interface Health {
  readonly status: Fields | undefined;
  readonly probeAtMs: number;
  readonly lease: KubeObject | undefined;
}

/** A node that was found ready and without a taint, and its Lease then: nothing is to be done while only the Lease moves. */
interface Quiet {
  readonly node: KubeObject;
  lease: KubeObject | undefined;
  /** When the Lease was last seen to move. */
  movedAtMs: number;
}

/** How one look at a node came out; null: writing it failed. */
interface Look {
  /** Ready as it was read, and as it is now: `True`, `False`, `Unknown`, or empty. */
  readonly observed: string;
  readonly current: string;
  readonly node: KubeObject;
}

/**
 * Node health, step by step as node_lifecycle_controller.go does it, on what the informers tell of Nodes and Leases.
 * That order explains two real outages: above a frozen cache it marks healthy nodes NotReady once (a write that fits
 * the store still), and it never notices a dead node after that (a write that conflicts; the read after it looks new).
 */
export function startNodeHealth(component: Component, onNode: (node: KubeObject, isReady: boolean) => void): void {
  const { informers, api, process, sim, host, record } = component;
  const nodes = informers.of("nodes");
  const leases = informers.of("leases.coordination.k8s.io");
  const known = new Map<string, Health>();
  const quiet = new Map<string, Quiet>();
  /** Nodes whose look is still under way: a slow store does not pile them up. */
  const busy = new Set<string>();

  function* monitor(name: string): Task {
    const node = nodes.objects.get(name);
    if (node === undefined) return;
    const look = yield* lookWithRetries(node);
    if (look === null) return;
    onNode(look.node, look.current === "True");
    const isQuiet = look.current === "True" && look.node === node && itemsAt(node, "spec", "taints").length === 0;
    const health = known.get(name);
    if (isQuiet && health !== undefined) quiet.set(name, { node, lease: health.lease, movedAtMs: health.probeAtMs });
    if (look.current === "True" || look.observed !== "True") return;
    record(look.node, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    sim.log(host.name, `node ${name} is NotReady for the controllers`);
    yield* markPodsNotReady(name);
  }

  /** The usual case, at the cost of two comparisons: the same Node, and a Lease that moves. */
  function isStillQuiet(name: string): boolean {
    const last = quiet.get(name);
    if (last === undefined) return false;
    const lease = leases.get("kube-node-lease", name);
    if (last.node === nodes.objects.get(name)) {
      if (last.lease !== lease) {
        last.lease = lease;
        last.movedAtMs = sim.nowMs();
        return true;
      }
      if (sim.nowMs() - last.movedAtMs < QUIET_MS) return true;
    }
    quiet.delete(name);
    known.set(name, { status: last.node.status, probeAtMs: last.movedAtMs, lease: last.lease });
    return false;
  }

  function* lookWithRetries(node: KubeObject): Task<Look | null> {
    const { name } = node.metadata;
    let seen = node;
    for (let tried = 0; tried < TRIES; tried += 1) {
      const look = yield* lookAt(seen);
      if (look !== null) return look;
      const fresh = yield* api.get("nodes", null, name);
      if (!fresh.ok) return null;
      seen = fresh.object;
      yield* pause(process, TRY_SLEEP_MS);
    }
    return null;
  }

  function* lookAt(node: KubeObject): Task<Look | null> {
    const { name } = node.metadata;
    const observed = readyOf(node.status);
    const health = seen(node);
    known.set(name, health);
    if (sim.nowMs() - health.probeAtMs <= GRACE_MS) return { observed, current: observed, node };
    const unknown = asUnknown(node, timeText(host.clock.nowMs()));
    if (isEqual(conditionOf(unknown, "Ready"), conditionOf(node, "Ready")))
      return { observed, current: observed, node };
    const reply = yield* api.update("nodes", unknown, "status");
    if (!reply.ok) {
      component.print("E", "node_lifecycle_controller.go", `"Error updating node" err="${reply.why}" node="${name}"`);
      return null;
    }
    known.set(name, { ...health, status: unknown.status, lease: leases.get("kube-node-lease", name) });
    return { observed, current: "Unknown", node: reply.object };
  }

  /** What is known of a node with this look at it: a new heartbeat or a renewed Lease is a sign of life, now. */
  function seen(node: KubeObject): Health {
    const before = known.get(node.metadata.name);
    const lease = leases.get("kube-node-lease", node.metadata.name);
    let health = before ?? { status: node.status, probeAtMs: sim.nowMs(), lease: undefined };
    if (before !== undefined && heartbeatOf(before.status) !== heartbeatOf(node.status)) {
      health = { status: node.status, probeAtMs: sim.nowMs(), lease: undefined };
    }
    const isRenewed = renewTimeOf(lease) > renewTimeOf(before?.lease);
    return isRenewed ? { ...health, lease, probeAtMs: sim.nowMs() } : health;
  }

  function forget(name: string): void {
    known.delete(name);
    quiet.delete(name);
  }

  function* markPodsNotReady(nodeName: string): Task {
    for (const pod of informers.of("pods").objects.values()) {
      if (textAt(pod, "spec", "nodeName") !== nodeName || !isActivePod(pod)) continue;
      if (conditionOf(pod, "Ready")?.["status"] !== "True") continue;
      const conditions = withCondition(pod, { type: "Ready", status: "False" }, timeText(host.clock.nowMs()));
      yield* api.update("pods", { ...pod, status: { ...pod.status, conditions } }, "status");
    }
  }

  informers.listen("nodes", { onDelete: ({ metadata }) => forget(metadata.name) });
  process.every(PERIOD_MS, () => {
    if (!nodes.hasSynced || !leases.hasSynced) return;
    for (const name of nodes.objects.keys()) {
      if (busy.has(name) || isStillQuiet(name)) continue;
      busy.add(name);
      runTask(monitor(name), () => busy.delete(name));
    }
  });
}

function readyConditionOf(status: Fields | undefined): Fields | undefined {
  return itemsAt(status, "conditions").find((condition) => condition["type"] === "Ready");
}

function readyOf(status: Fields | undefined): string {
  return textAt(readyConditionOf(status), "status");
}

function heartbeatOf(status: Fields | undefined): string {
  return textAt(readyConditionOf(status), "lastHeartbeatTime");
}

/** MicroTime texts sort by time. */
function renewTimeOf(lease: KubeObject | undefined): string {
  return textAt(lease, "spec", "renewTime");
}

function asUnknown(node: KubeObject, now: string): KubeObject {
  let changed = node;
  for (const type of UNKNOWN_TYPES) {
    const before = conditionOf(changed, type);
    if (before?.["status"] === "Unknown") continue;
    const told =
      before === undefined
        ? { reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." }
        : { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    const condition = { ...before, type, status: "Unknown", ...told };
    changed = { ...changed, status: { ...changed.status, conditions: withCondition(changed, condition, now) } };
  }
  return changed;
}
