import type { Json } from "../../datastore/datastore.ts";
import { field, type Fields, isFields, type KubeObject } from "../../kube/object.ts";
import type { Component, Reply } from "../component.ts";
import { type Task } from "../task.ts";
import { createdAtMs, isConditionTrue, nameSuffix, ownedBy, textAt } from "../values.ts";

/** A pod from its owner's template. */
export function podOf(owner: KubeObject, suffix: string): KubeObject {
  const template = field(owner, "spec", "template");
  const metadata = field(template, "metadata");
  const { name, namespace } = owner.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...copied(metadata, "labels"),
      ...copied(metadata, "annotations"),
      generateName: `${name}-`,
      name: `${name}-${suffix}`,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [ownedBy(owner)],
    },
    spec: fieldsOf(field(template, "spec")),
    status: { phase: "Pending" },
  };
}

function copied(from: Json | undefined, name: "labels" | "annotations"): Partial<KubeObject["metadata"]> {
  const value = field(from, name);
  return isFields(value) ? { [name]: value as Readonly<Record<string, string>> } : {};
}

function fieldsOf(value: Json | undefined): Fields {
  return isFields(value) ? value : {};
}

/** Creates one pod of an owner, with the Event that tells of it. */
export function* createPod(component: Component, owner: KubeObject): Task<Reply> {
  const { api, draws, record } = component;
  const reply = yield* api.create("pods", podOf(owner, nameSuffix(draws)));
  if (reply.ok) record(owner, "Normal", "SuccessfulCreate", `Created pod: ${reply.object.metadata.name}`);
  else record(owner, "Warning", "FailedCreate", `Error creating: ${reply.why}`);
  return reply;
}

/** Deletes one pod of an owner; one that is gone already is deleted. */
export function* deletePod(component: Component, owner: KubeObject, pod: KubeObject): Task<Reply> {
  const reply = yield* component.api.delete("pods", pod);
  if (reply.ok) component.record(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  return reply;
}

/** Whom to delete first, as Kubernetes ranks them (controller_utils.go): not placed, not running, not ready, younger. */
export function byDispensability(one: KubeObject, other: KubeObject): number {
  return rank(one) - rank(other) || createdAtMs(other) - createdAtMs(one);
}

function rank(pod: KubeObject): number {
  if (textAt(pod, "spec", "nodeName") === "") return 0;
  if (textAt(pod, "status", "phase") !== "Running") return 1;
  return isConditionTrue(pod, "Ready") ? 3 : 2;
}
