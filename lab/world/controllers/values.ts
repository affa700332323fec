import type { Prng } from "../../sim/prng.ts";
import type { Json } from "../datastore/datastore.ts";
import { field, type Fields, isFields, type KubeObject, type OwnerReference } from "../kube/object.ts";
import { parseTimeMs } from "../kube/time.ts";

/** A number of an object; `otherwise` when there is none. */
export function numberAt(object: Json | undefined, otherwise: number, ...path: readonly string[]): number {
  const value = field(object, ...path);
  return typeof value === "number" ? value : otherwise;
}

/** A text of an object; empty when there is none. */
export function textAt(object: Json | undefined, ...path: readonly string[]): string {
  const value = field(object, ...path);
  return typeof value === "string" ? value : "";
}

/** The items of a list of objects; none when there is no such list. */
export function itemsAt(object: Json | undefined, ...path: readonly string[]): readonly Fields[] {
  const value = field(object, ...path);
  return Array.isArray(value) ? (value as readonly Json[]).filter(isFields) : [];
}

/** `metadata.creationTimestamp` in ms since the epoch. */
export function createdAtMs({ metadata }: KubeObject): number {
  return parseTimeMs(metadata.creationTimestamp);
}

/** The one owner that manages the object. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The reference by which `owner` manages an object. */
export function ownedBy({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** True when all labels of the selector are there; false for an empty selector, which selects nothing. */
export function selects(selector: Json | undefined, object: KubeObject): boolean {
  if (!isFields(selector)) return false;
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([name, value]) => object.metadata.labels?.[name] === value);
}

export function conditionOf(object: KubeObject, type: string): Fields | undefined {
  return itemsAt(object, "status", "conditions").find((condition) => condition["type"] === type);
}

export function isConditionTrue(object: KubeObject, type: string): boolean {
  return conditionOf(object, type)?.["status"] === "True";
}

/** The conditions with this one in place of its like; its transition time is kept while its status stays. */
export function withCondition(object: KubeObject, condition: Fields, now: string): readonly Fields[] {
  const before = itemsAt(object, "status", "conditions");
  const old = before.find((one) => one["type"] === condition["type"]);
  const isSame = old?.["status"] === condition["status"];
  const lastTransitionTime = (isSame ? old?.["lastTransitionTime"] : undefined) ?? now;
  const made = { ...condition, lastTransitionTime };
  return old === undefined ? [...before, made] : before.map((one) => (one === old ? made : one));
}

/** Kubernetes makes names and hashes of these: no vowels, nothing that looks alike (apimachinery, util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters for a name. */
export function nameSuffix(draws: Prng): string {
  let text = "";
  while (text.length < 5) text += ALPHABET[draws.between(0, ALPHABET.length - 1)] ?? "";
  return text;
}

/** A short hash of any JSON, as in `pod-template-hash` (FNV-1a; the real one is FNV of Go's dump of it). */
export function hashOf(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "";
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  let suffix = "";
  for (let rest = hash >>> 0; suffix.length < 7; rest = Math.floor(rest / ALPHABET.length)) {
    suffix += ALPHABET[rest % ALPHABET.length] ?? "";
  }
  return suffix;
}

const POD_ENDED = new Set(["Succeeded", "Failed"]);

/** A pod that counts: neither ended nor on its way out. */
export function isActivePod(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && !POD_ENDED.has(textAt(pod, "status", "phase"));
}

export function hasEnded(pod: KubeObject): boolean {
  return POD_ENDED.has(textAt(pod, "status", "phase"));
}
