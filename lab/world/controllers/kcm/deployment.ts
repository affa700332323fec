import type { Fields, KubeObject } from "../../kube/object.ts";
import { field, isFields, keyOf } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import { isEqual } from "../../kube/equal.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import type { Task } from "../task.ts";
import { controllerOf, createdAtMs, hashOf, numberAt, ownedBy, withCondition } from "../values.ts";

const REVISION = "deployment.kubernetes.io/revision";
const HASH = "pod-template-hash";
/** spec.revisionHistoryLimit when absent. */
const HISTORY_LIMIT = 10;

/** Deployments: one ReplicaSet per template; a rollout moves one replica at a time, as maxSurge 1 and maxUnavailable 0. */
export function startDeployments(component: Component): void {
  const { informers, api, host, record } = component;
  const deployments = informers.of("deployments.apps");
  const queue = createQueue(component.process, reconcile);

  function* reconcile(key: string): Task<boolean> {
    const deployment = deployments.objects.get(key);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return true;
    const all = [...informers.ownedBy("replicasets.apps", deployment.metadata.uid ?? "")].sort(byAge);
    const hash = hashOf(field(deployment, "spec", "template"));
    const current = all.find(({ metadata }) => metadata.labels?.[HASH] === hash);
    const old = all.filter((replicaSet) => replicaSet !== current);
    if (field(deployment, "spec", "paused") !== true) {
      if (current === undefined) return yield* createReplicaSet(deployment, hash, old);
      const step = nextStep(deployment, current, old);
      if (step !== null && !(yield* scale(deployment, step.replicaSet, step.replicas))) return false;
      if (step === null && !(yield* cleanUp(deployment, old))) return false;
    }
    return yield* writeStatus(deployment, current, all);
  }

  function* createReplicaSet(deployment: KubeObject, hash: string, old: readonly KubeObject[]): Task<boolean> {
    const wanted = numberAt(deployment, 1, "spec", "replicas");
    const replicas = old.some((one) => numberAt(one, 0, "spec", "replicas") > 0) ? Math.min(1, wanted) : wanted;
    const made = replicaSetOf(deployment, hash, { replicas, revision: 1 + Math.max(0, ...old.map(revision)) });
    const reply = yield* api.create("replicasets.apps", made);
    if (reply.ok) recordScaling(deployment, "up", made.metadata.name, 0, replicas);
    return reply.ok || (yield* isOurs(reply.status, deployment, made));
  }

  /** What is there already was made by us, and the informer has not told it yet. */
  function* isOurs(status: number, deployment: KubeObject, made: KubeObject): Task<boolean> {
    if (status !== 409) return false;
    const there = yield* api.get("replicasets.apps", made.metadata.namespace ?? null, made.metadata.name);
    return there.ok && controllerOf(there.object)?.uid === deployment.metadata.uid;
  }

  function* scale(deployment: KubeObject, replicaSet: KubeObject, replicas: number): Task<boolean> {
    const before = numberAt(replicaSet, 0, "spec", "replicas");
    const reply = yield* api.update("replicasets.apps", { ...replicaSet, spec: { ...replicaSet.spec, replicas } });
    if (reply.ok) {
      recordScaling(deployment, replicas > before ? "up" : "down", replicaSet.metadata.name, before, replicas);
    }
    return reply.ok;
  }

  function* cleanUp(deployment: KubeObject, old: readonly KubeObject[]): Task<boolean> {
    const unused = old.filter(
      (one) => numberAt(one, 0, "spec", "replicas") + numberAt(one, 0, "status", "replicas") === 0,
    );
    const limit = numberAt(deployment, HISTORY_LIMIT, "spec", "revisionHistoryLimit");
    for (const replicaSet of unused.slice(0, Math.max(0, unused.length - limit))) {
      const reply = yield* api.delete("replicasets.apps", replicaSet);
      if (!reply.ok && reply.status !== 404) return false;
    }
    return true;
  }

  function* writeStatus(
    deployment: KubeObject,
    current: KubeObject | undefined,
    all: readonly KubeObject[],
  ): Task<boolean> {
    const status = statusOf(deployment, current, all, timeText(host.clock.nowMs()));
    if (isEqual(deployment.status, status)) return true;
    const reply = yield* api.update("deployments.apps", { ...deployment, status }, "status");
    return reply.ok || reply.status === 404;
  }

  function recordScaling(deployment: KubeObject, way: "up" | "down", name: string, from: number, to: number): void {
    record(deployment, "Normal", "ScalingReplicaSet", `Scaled ${way} replica set ${name} from ${from} to ${to}`);
  }

  const ownerChanged = (replicaSet: KubeObject) => {
    const owner = controllerOf(replicaSet);
    if (owner?.kind === "Deployment") queue.add(`${replicaSet.metadata.namespace}/${owner.name}`);
  };
  informers.listen("deployments.apps", {
    onAdd: (deployment) => queue.add(keyOf(deployment)),
    onUpdate: (_before, deployment) => queue.add(keyOf(deployment)),
  });
  informers.listen("replicasets.apps", {
    onAdd: ownerChanged,
    onUpdate: (_before, replicaSet) => ownerChanged(replicaSet),
    onDelete: ownerChanged,
  });
}

interface Step {
  readonly replicaSet: KubeObject;
  readonly replicas: number;
}

/** The next change of one ReplicaSet's size; null when nothing is to be done now. */
function nextStep(deployment: KubeObject, current: KubeObject, old: readonly KubeObject[]): Step | null {
  const wanted = numberAt(deployment, 1, "spec", "replicas");
  const running = old.filter((one) => size(one) > 0);
  const now = size(current);
  const [oldest] = running;
  if (oldest === undefined) return now === wanted ? null : { replicaSet: current, replicas: wanted };
  if (now > wanted) return { replicaSet: current, replicas: wanted };
  const total = [current, ...running].reduce((sum, one) => sum + size(one), 0);
  if (now < wanted && total <= wanted) return { replicaSet: current, replicas: now + 1 };
  // As many as may go without fewer than wanted being left; what the new one still lacks counts as left (rolling.go).
  const spare = total - wanted - (now - available(current));
  if (spare <= 0) return null;
  const unhealthy = running.find((one) => available(one) < size(one));
  if (unhealthy !== undefined) {
    return { replicaSet: unhealthy, replicas: Math.max(available(unhealthy), size(unhealthy) - spare) };
  }
  return { replicaSet: oldest, replicas: size(oldest) - 1 };
}

function size(replicaSet: KubeObject): number {
  return numberAt(replicaSet, 0, "spec", "replicas");
}

function available(replicaSet: KubeObject): number {
  return numberAt(replicaSet, 0, "status", "availableReplicas");
}

function replicaSetOf(
  deployment: KubeObject,
  hash: string,
  { replicas, revision }: { readonly replicas: number; readonly revision: number },
): KubeObject {
  const { name, namespace } = deployment.metadata;
  const template = field(deployment, "spec", "template");
  const templateMetadata = field(template, "metadata");
  const templateLabels = field(templateMetadata, "labels");
  const labels = { ...(isFields(templateLabels) ? templateLabels : {}), [HASH]: hash } as Readonly<
    Record<string, string>
  >;
  const rest = isFields(template) ? template : {};
  const restMetadata = isFields(templateMetadata) ? templateMetadata : {};
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { ...rest, metadata: { ...restMetadata, labels } },
    },
  };
}

function statusOf(
  deployment: KubeObject,
  current: KubeObject | undefined,
  all: readonly KubeObject[],
  now: string,
): Fields {
  const wanted = numberAt(deployment, 1, "spec", "replicas");
  const sum = (name: string) => all.reduce((total, one) => total + numberAt(one, 0, "status", name), 0);
  const replicas = sum("replicas");
  const ready = sum("readyReplicas");
  const available = sum("availableReplicas");
  const updated = current === undefined ? 0 : numberAt(current, 0, "status", "replicas");
  const missing = Math.max(0, wanted - available);
  const counts = { replicas, updatedReplicas: updated, readyReplicas: ready, availableReplicas: available };
  const isComplete = updated === wanted && replicas === wanted && available === wanted;
  const withAvailable = withCondition(deployment, availableCondition(missing === 0), now);
  const progress = { ...deployment, status: { conditions: withAvailable } };
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(missing > 0 ? { unavailableReplicas: missing } : {}),
    conditions: withCondition(progress, progressing(isComplete), now),
  };
}

function availableCondition(isAvailable: boolean): Fields {
  return isAvailable
    ? { type: "Available", status: "True", reason: "MinimumReplicasAvailable" }
    : { type: "Available", status: "False", reason: "MinimumReplicasUnavailable" };
}

function progressing(isComplete: boolean): Fields {
  const reason = isComplete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated";
  return { type: "Progressing", status: "True", reason };
}

function revision({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function byAge(one: KubeObject, other: KubeObject): number {
  return createdAtMs(one) - createdAtMs(other) || (one.metadata.name < other.metadata.name ? -1 : 1);
}
