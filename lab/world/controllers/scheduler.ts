import { field, keyOf, type KubeObject } from "../kube/object.ts";
import type { Component } from "./component.ts";
import { createQueue } from "./queue.ts";
import type { Task } from "./task.ts";
import { hasEnded, isConditionTrue, itemsAt, textAt } from "./values.ts";

/** A pod that fits nowhere is tried again after a change of a node, or so much later (kube-scheduler: 5 min at most). */
const UNSCHEDULABLE_MS = 300_000;
/** A pod that was bound counts for its node until the informer shows it there. */
type Assumed = Map<string, string>;

/** kube-scheduler, once it leads: pods go to the ready, uncordoned, untainted node with the fewest pods. */
export function startScheduler(component: Component): void {
  component.informers.whenSynced(["pods", "nodes"], () => schedule(component));
}

function schedule(component: Component): void {
  const { informers, api, record } = component;
  const pods = informers.of("pods");
  const nodes = informers.of("nodes");
  const assumed: Assumed = new Map();
  const unschedulable = new Set<string>();
  const queue = createQueue(component.process, reconcile);
  /** Pods per node by the informer, kept up to date so that nothing is counted anew. */
  const counts = new Map<string, number>();

  const count = (pod: KubeObject, by: 1 | -1) => {
    const nodeName = textAt(pod, "spec", "nodeName");
    if (nodeName !== "" && !hasEnded(pod)) counts.set(nodeName, (counts.get(nodeName) ?? 0) + by);
  };
  const note = (pod: KubeObject) => {
    const key = keyOf(pod);
    if (textAt(pod, "spec", "nodeName") !== "") assumed.delete(key);
    else if (pod.metadata.deletionTimestamp === undefined && !hasEnded(pod)) queue.add(key);
  };

  function* reconcile(key: string): Task<boolean> {
    const pod = pods.objects.get(key);
    const isDone = pod === undefined || textAt(pod, "spec", "nodeName") !== "" || assumed.has(key);
    if (isDone || pod.metadata.deletionTimestamp !== undefined) return true;
    const nodeName = choose();
    if (nodeName === null) {
      if (!unschedulable.has(key)) {
        record(pod, "Warning", "FailedScheduling", `0/${nodes.objects.size} nodes are available.`);
      }
      unschedulable.add(key);
      queue.addAfter(key, UNSCHEDULABLE_MS);
      return true;
    }
    unschedulable.delete(key);
    assumed.set(key, nodeName);
    const reply = yield* api.bind(pod, nodeName);
    if (reply.ok) {
      record(pod, "Normal", "Scheduled", `Successfully assigned ${key} to ${nodeName}`);
      return true;
    }
    assumed.delete(key);
    return reply.status === 404;
  }

  function choose(): string | null {
    let best: string | null = null;
    let fewest = Number.POSITIVE_INFINITY;
    const extra = new Map<string, number>();
    for (const nodeName of assumed.values()) extra.set(nodeName, (extra.get(nodeName) ?? 0) + 1);
    for (const [name, node] of nodes.objects) {
      if (!isSchedulable(node)) continue;
      const has = (counts.get(name) ?? 0) + (extra.get(name) ?? 0);
      if (has >= fewest) continue;
      fewest = has;
      best = name;
    }
    return best;
  }

  const retryAll = () => {
    for (const key of unschedulable) queue.add(key);
  };
  informers.listen("pods", {
    onAdd: (pod) => {
      count(pod, 1);
      note(pod);
    },
    onUpdate: (before, pod) => {
      count(before, -1);
      count(pod, 1);
      note(pod);
    },
    onDelete: (pod) => {
      count(pod, -1);
      assumed.delete(keyOf(pod));
      unschedulable.delete(keyOf(pod));
    },
  });
  informers.listen("nodes", { onAdd: retryAll, onUpdate: retryAll });
}

function isSchedulable(node: KubeObject): boolean {
  if (field(node, "spec", "unschedulable") === true || !isConditionTrue(node, "Ready")) return false;
  return itemsAt(node, "spec", "taints").every(({ effect }) => effect === "PreferNoSchedule");
}
