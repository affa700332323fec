import type { Json } from "../datastore/datastore.ts";

/** Part of an object: fields by name. */
export type Fields = { readonly [field: string]: Json };

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

/** `metadata`, as far as the lab reads it; other fields are carried along. */
export type ObjectMeta = {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Absent in the store; put in when an object is read, as the real apiserver does it. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
};

/** An API object. Immutable and shared: the store, three caches and every informer hold the same one. */
export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Fields;
  readonly status?: Fields;
};

/** True for what looks like an API object: it has metadata. */
export function isObject(value: Json | undefined): value is KubeObject {
  return isFields(value) && isFields(value["metadata"]);
}

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Field of fields; undefined on the way when one is absent. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at = value;
  for (const name of path) {
    if (!isFields(at)) return undefined;
    at = at[name];
  }
  return at;
}

/** `namespace/name`, or the bare name: client-go's key of an object. */
export function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** `metadata.resourceVersion` as a number; 0 when absent. On kine and k8s-dqlite it is the store's revision. */
export function revisionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}

/**
 * The objects that were read lately, by revision. Three apiservers read each write within a second; a later reader makes
 * the object anew. Two clusters may meet in a slot: what the slot was made of is compared.
 */
const SLOTS = 4096;
const slots: ({ readonly stored: Json; readonly revision: number; readonly object: KubeObject } | undefined)[] =
  Array.from({ length: SLOTS });

/** What the store holds, as the API shows it at that revision. All apiservers give out the same object for it. */
export function decode(value: Json, revision: number): KubeObject {
  const slot = slots[revision % SLOTS];
  if (slot !== undefined && slot.stored === value && slot.revision === revision) return slot.object;
  const stored = value as KubeObject;
  const object = { ...stored, metadata: { ...stored.metadata, resourceVersion: String(revision) } };
  slots[revision % SLOTS] = { stored, revision, object };
  return object;
}

/** What the store holds of an object: all but its resourceVersion, which is the row's. */
export function encode(object: KubeObject): KubeObject {
  if (object.metadata.resourceVersion === undefined) return object;
  const { resourceVersion: _revision, ...metadata } = object.metadata;
  return { ...object, metadata };
}
