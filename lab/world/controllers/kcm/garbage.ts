import { keyOf, type KubeObject, type OwnerReference } from "../../kube/object.ts";
import { resourceName, RESOURCES } from "../../kube/resources.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import { type Task, until } from "../task.ts";
import { controllerOf, textAt } from "../values.ts";

/** Which kinds own what here; the real collector looks at every kind. */
const DEPENDENTS = ["replicasets.apps", "pods", "jobs.batch", "endpointslices.discovery.k8s.io"] as const;
const OWNERS = ["deployments.apps", "replicasets.apps", "jobs.batch", "cronjobs.batch", "services"] as const;

/** Objects that a namespace takes along: owners first, so that nothing makes its dependents anew. */
const CONTENT = [
  ...new Set([
    ...OWNERS,
    ...RESOURCES.filter(({ namespaced, hasWatchCache }) => namespaced && hasWatchCache).map(resourceName),
  ]),
];

/**
 * Garbage: what is owned by something that is gone is deleted, after a look at the store; a namespace that is being
 * deleted is emptied; pods of a node that was deleted are deleted.
 */
export function startGarbageCollection(component: Component): void {
  const { informers, api } = component;
  const dependents = createQueue(component.process, collectIfOrphan);
  const finalizers = createQueue(component.process, finalize);
  const namespaces = createQueue(component.process, emptyNamespace);

  function collectOwnedBy(uid: string): void {
    for (const resource of DEPENDENTS) {
      for (const object of informers.ownedBy(resource, uid)) dependents.add(`${resource} ${keyOf(object)}`);
    }
  }

  /** Key: a resource and the key of one of its objects. */
  function* collectIfOrphan(key: string): Task<boolean> {
    const [resource = "", name = ""] = key.split(" ");
    const object = informers.of(resource).objects.get(name);
    const owner = object === undefined ? undefined : controllerOf(object);
    if (object === undefined || owner === undefined || object.metadata.deletionTimestamp !== undefined) return true;
    const ownerResource = resourceOfOwner(owner);
    if (ownerResource === null) return true;
    const there = yield* api.get(ownerResource, object.metadata.namespace ?? null, owner.name);
    if (there.ok ? there.object.metadata.uid === owner.uid : there.status !== 404) return there.ok;
    const reply = yield* api.delete(resource, object);
    return reply.ok || reply.status === 404 || reply.status === 409;
  }

  /** Key: a resource and the key of an owner that is marked, with a finalizer that says what becomes of its dependents. */
  function* finalize(key: string): Task<boolean> {
    const [resource = "", name = ""] = key.split(" ");
    const owner = informers.of(resource).objects.get(name);
    const finalizer = owner?.metadata.finalizers?.find((one) => one === FOREGROUND || one === ORPHAN);
    if (owner?.metadata.deletionTimestamp === undefined || finalizer === undefined) return true;
    let left = 0;
    for (const kind of DEPENDENTS) {
      for (const object of informers.ownedBy(kind, owner.metadata.uid ?? "")) {
        left += 1;
        if (finalizer === ORPHAN) yield* api.update(kind, withoutOwner(object, owner));
        else if (object.metadata.deletionTimestamp === undefined) yield* api.delete(kind, object);
      }
    }
    if (left > 0) {
      finalizers.addAfter(key, DEPENDENTS_LEFT_MS);
      return true;
    }
    const others = owner.metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
    const reply = yield* api.update(resource, { ...owner, metadata: { ...owner.metadata, finalizers: others } });
    return reply.ok || reply.status === 404;
  }

  /** Key: a namespace that is marked, or was deleted at once. */
  function* emptyNamespace(name: string): Task<boolean> {
    yield* until<void>((done) => informers.whenSynced(CONTENT, done));
    const namespace = informers.of("namespaces").objects.get(name);
    if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) return true;
    let left = 0;
    for (const resource of CONTENT) {
      // What is there now: a controller that still sees its owner adds more meanwhile.
      for (const object of Array.from(informers.of(resource).objects.values())) {
        if (object.metadata.namespace !== name) continue;
        left += 1;
        if (object.metadata.deletionTimestamp === undefined) yield* api.delete(resource, object);
      }
    }
    if (left > 0) {
      namespaces.addAfter(name, DEPENDENTS_LEFT_MS);
      return true;
    }
    if (namespace === undefined) return true;
    const reply = yield* api.update("namespaces", { ...namespace, spec: { finalizers: [] } }, "finalize");
    return reply.ok || reply.status === 404;
  }

  function* forcePod(key: string): Task<boolean> {
    const pod = informers.of("pods").objects.get(key);
    const nodeName = textAt(pod, "spec", "nodeName");
    if (pod === undefined || informers.of("nodes").objects.has(nodeName)) return true;
    const node = yield* api.get("nodes", null, nodeName);
    if (node.ok || node.status !== 404) return node.ok;
    const reply = yield* api.delete("pods", pod, { gracePeriodSeconds: 0 });
    return reply.ok || reply.status === 404;
  }

  const pods = createQueue(component.process, forcePod);
  for (const resource of OWNERS) {
    const note = (owner: KubeObject) => {
      if (owner.metadata.deletionTimestamp !== undefined) finalizers.add(`${resource} ${keyOf(owner)}`);
    };
    informers.listen(resource, {
      onAdd: note,
      onUpdate: (_before, owner) => note(owner),
      onDelete: ({ metadata }) => collectOwnedBy(metadata.uid ?? ""),
    });
  }
  for (const resource of DEPENDENTS) {
    informers.listen(resource, {
      onAdd: (object) => {
        const owner = controllerOf(object);
        const ownerResource = owner === undefined ? null : resourceOfOwner(owner);
        if (owner === undefined || ownerResource === null) return;
        const key = `${object.metadata.namespace}/${owner.name}`;
        // An owner that the informer does not know either is gone or very new: look a little later.
        if (!informers.of(ownerResource).objects.has(key)) {
          dependents.addAfter(`${resource} ${keyOf(object)}`, ABSENT_OWNER_MS);
        }
      },
    });
  }
  const noteNamespace = ({ metadata }: KubeObject) => {
    if (metadata.deletionTimestamp !== undefined) namespaces.add(metadata.name);
  };
  informers.listen("namespaces", {
    onAdd: noteNamespace,
    onUpdate: (_before, now) => noteNamespace(now),
    onDelete: ({ metadata }) => namespaces.add(metadata.name),
  });
  informers.listen("nodes", {
    onDelete: ({ metadata }) => {
      for (const [key, pod] of informers.of("pods").objects) {
        if (textAt(pod, "spec", "nodeName") === metadata.name) pods.addAfter(key, QUARANTINE_MS);
      }
    },
  });
}

const ABSENT_OWNER_MS = 1000;
/** Between two looks at dependents that are on their way out. */
const DEPENDENTS_LEFT_MS = 1000;
const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";
/** pkg/controller/podgc: so long a node must be gone before its pods are. */
const QUARANTINE_MS = 40_000;

function withoutOwner(object: KubeObject, owner: KubeObject): KubeObject {
  const { ownerReferences = [] } = object.metadata;
  const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid);
  return { ...object, metadata: { ...object.metadata, ownerReferences: others } };
}

function resourceOfOwner({ kind }: OwnerReference): string | null {
  return OWNERS.find((name) => RESOURCES.some((one) => resourceName(one) === name && one.kind === kind)) ?? null;
}
