import type { Fields, KubeObject } from "../../kube/object.ts";
import { keyOf } from "../../kube/object.ts";
import { isEqual } from "../../kube/equal.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import { runTask, type Task } from "../task.ts";
import { isActivePod, isConditionTrue, numberAt } from "../values.ts";
import { createExpectations, followPods } from "./expectations.ts";
import { byDispensability, createPod, deletePod } from "./pods.ts";

/** ReplicaSets: as many pods as wanted, and how many there are in the status; both by what the informer knows. */
export function startReplicaSets(component: Component): void {
  const { informers, api, sim } = component;
  const replicaSets = informers.of("replicasets.apps");
  const expectations = createExpectations(() => sim.nowMs());
  const queue = createQueue(component.process, reconcile);

  function* reconcile(key: string): Task<boolean> {
    const replicaSet = replicaSets.objects.get(key);
    if (replicaSet === undefined) {
      expectations.forget(key);
      return true;
    }
    const pods = informers.ownedBy("pods", replicaSet.metadata.uid ?? "").filter(isActivePod);
    const isScaling = replicaSet.metadata.deletionTimestamp === undefined && expectations.isFulfilled(key);
    if (isScaling) scale(key, replicaSet, pods);
    const status = statusOf(replicaSet, pods);
    if (isEqual(replicaSet.status, status)) return true;
    const reply = yield* api.update("replicasets.apps", { ...replicaSet, status }, "status");
    return reply.ok || reply.status === 404;
  }

  /** All of them at once; what fails is not expected any more, and tried again. */
  function scale(key: string, replicaSet: KubeObject, pods: readonly KubeObject[]): void {
    const missing = numberAt(replicaSet, 1, "spec", "replicas") - pods.length;
    if (missing === 0) return;
    if (missing > 0) {
      sim.log(
        component.host.name,
        `"Too few replicas" replicaSet="${key}" need=${pods.length + missing} creating=${missing}`,
      );
      expectations.expect(key, missing, []);
      for (let made = 0; made < missing; made += 1) {
        runTask(createPod(component, replicaSet), (reply) => {
          if (reply.ok) return;
          expectations.creationSeen(key);
          queue.addAfter(key, RETRY_MS);
        });
      }
      return;
    }
    const surplus = [...pods].sort(byDispensability).slice(0, -missing);
    expectations.expect(key, 0, surplus.map(keyOf));
    for (const pod of surplus) {
      runTask(deletePod(component, replicaSet, pod), (reply) => {
        if (reply.ok) return;
        expectations.deletionSeen(key, keyOf(pod));
        if (reply.status !== 404) queue.addAfter(key, RETRY_MS);
      });
    }
  }

  followPods(component, "ReplicaSet", queue, expectations);
  informers.listen("replicasets.apps", {
    onAdd: (replicaSet) => queue.add(keyOf(replicaSet)),
    onUpdate: (_before, replicaSet) => queue.add(keyOf(replicaSet)),
    onDelete: (replicaSet) => queue.add(keyOf(replicaSet)),
  });
}

/** After a request for a pod failed; the real controller's queue backs off from 5 ms, its requests take longer. */
const RETRY_MS = 1000;

function statusOf(replicaSet: KubeObject, pods: readonly KubeObject[]): Fields {
  const ready = pods.filter((pod) => isConditionTrue(pod, "Ready")).length;
  const counts = { fullyLabeledReplicas: pods.length, readyReplicas: ready, availableReplicas: ready };
  return {
    replicas: pods.length,
    // As Go leaves out a zero.
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    observedGeneration: replicaSet.metadata.generation ?? 0,
  };
}
