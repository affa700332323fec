import type { Json } from "../datastore/datastore.ts";
import { type Fields, isFields } from "./object.ts";

/** The patched value, or what is wrong with the patch. */
export type Patched = { readonly value: Json } | { readonly error: string };

/**
 * Applies a PATCH by its content type. Strategic merge is a merge whose usual lists are merged by their keys; a
 * server-side apply is the same, without field ownership.
 */
export function applyPatch(contentType: string, target: Json, patch: Json): Patched {
  if (contentType.startsWith("application/json-patch")) return jsonPatch(target, patch);
  if (!isFields(patch)) return { error: "the patch is no object" };
  const isPlain = contentType.startsWith("application/merge-patch");
  return { value: merge(target, patch, isPlain ? null : LIST_KEYS, "") };
}

/** The keys by which Kubernetes's types merge their lists (patchMergeKey in k8s.io/api). */
const LIST_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  imagePullSecrets: "name",
  conditions: "type",
  addresses: "type",
  ports: "containerPort",
  taints: "key",
  ownerReferences: "uid",
  hostAliases: "ip",
};

/** Containers have `containerPort`, Services `port`. */
function keyOfList(name: string, items: readonly Json[]): string | undefined {
  const key = LIST_KEYS[name];
  if (name !== "ports") return key;
  return items.some((item) => isFields(item) && item["containerPort"] !== undefined) ? key : "port";
}

function merge(target: Json | undefined, patch: Json, lists: typeof LIST_KEYS | null, name: string): Json {
  if (lists !== null && Array.isArray(patch)) return mergeList(target, patch as readonly Json[], lists, name);
  if (!isFields(patch)) return patch;
  if (patch["$patch"] === "replace") return without(patch, "$patch");
  const merged: { [field: string]: Json } = isFields(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith("$")) continue;
    if (value === null) delete merged[field];
    else merged[field] = merge(merged[field], value, lists, field);
  }
  return removeNamed(merged, patch);
}

function mergeList(
  target: Json | undefined,
  patch: readonly Json[],
  lists: typeof LIST_KEYS,
  name: string,
): readonly Json[] {
  if (name === "finalizers" && Array.isArray(target)) return [...new Set([...(target as Json[]), ...patch])];
  const key = keyOfList(name, patch);
  if (key === undefined || !Array.isArray(target)) return patch.filter((item) => !isDeletion(item));
  const merged = [...(target as readonly Json[])];
  for (const item of patch) {
    const at = merged.findIndex((one) => isFields(one) && isFields(item) && one[key] === item[key]);
    if (isDeletion(item)) merged.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) merged.push(item);
    else merged[at] = merge(merged[at], item, lists, "");
  }
  return merged;
}

function isDeletion(item: Json): boolean {
  return isFields(item) && item["$patch"] === "delete";
}

/** `$deleteFromPrimitiveList/finalizers: [x]`. */
function removeNamed(merged: { [field: string]: Json }, patch: Fields): Fields {
  const prefix = "$deleteFromPrimitiveList/";
  for (const [field, gone] of Object.entries(patch)) {
    const name = field.slice(prefix.length);
    const list = merged[name];
    if (field.startsWith(prefix) && Array.isArray(list) && Array.isArray(gone))
      merged[name] = (list as readonly Json[]).filter((item) => !gone.includes(item));
  }
  return merged;
}

function without(fields: Fields, name: string): Fields {
  const { [name]: _gone, ...others } = fields;
  return others;
}

/** RFC 6902: test, add, replace, remove, move, copy. */
function jsonPatch(target: Json, patch: Json): Patched {
  if (!Array.isArray(patch)) return { error: "the patch is no list of operations" };
  let value: Json | undefined = target;
  for (const operation of patch as readonly Fields[]) {
    const result: Json | undefined | typeof FAILED = operate(value, operation);
    if (result === FAILED) return { error: `the server rejected our request due to an error in our request` };
    value = result;
  }
  return value === undefined ? { error: "nothing is left" } : { value };
}

const FAILED = Symbol("failed");

function operate(value: Json | undefined, operation: Fields): Json | undefined | typeof FAILED {
  const path = pointer(operation["path"]);
  const op = typeof operation["op"] === "string" ? operation["op"] : "";
  switch (op) {
    case "test":
      return JSON.stringify(lookUp(value, path)) === JSON.stringify(operation["value"]) ? value : FAILED;
    case "add":
      return change(value, path, operation["value"], true);
    case "replace":
      return lookUp(value, path) === undefined ? FAILED : change(value, path, operation["value"], false);
    case "remove":
      return lookUp(value, path) === undefined ? FAILED : change(value, path, undefined, false);
    case "copy":
      return change(value, path, lookUp(value, pointer(operation["from"])), true);
    case "move": {
      const from = pointer(operation["from"]);
      const moved = lookUp(value, from);
      const left = change(value, from, undefined, false);
      return left === FAILED ? FAILED : change(left, path, moved, true);
    }
    default:
      return FAILED;
  }
}

function pointer(path: Json | undefined): readonly string[] {
  if (typeof path !== "string") return [];
  const parts = path.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function lookUp(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at = value;
  for (const name of path) {
    if (Array.isArray(at)) at = at[Number(name)] as Json | undefined;
    else if (isFields(at)) at = at[name];
    else return undefined;
  }
  return at;
}

/** With `to` at the path, or without what is there when `to` is undefined. */
function change(
  value: Json | undefined,
  [name, ...rest]: readonly string[],
  to: Json | undefined,
  isInsert: boolean,
): Json | undefined | typeof FAILED {
  if (name === undefined) return to;
  if (Array.isArray(value)) return changeList(value as readonly Json[], name, rest, to, isInsert);
  if (!isFields(value)) return FAILED;
  const inner = change(value[name], rest, to, isInsert);
  if (inner === FAILED) return FAILED;
  return inner === undefined ? without(value, name) : { ...value, [name]: inner };
}

function changeList(
  list: readonly Json[],
  name: string,
  rest: readonly string[],
  to: Json | undefined,
  isInsert: boolean,
): Json | typeof FAILED {
  const at = name === "-" ? list.length : Number(name);
  if (!Number.isSafeInteger(at) || at < 0 || at > list.length) return FAILED;
  if (rest.length === 0 && isInsert && to !== undefined) return list.toSpliced(at, 0, to);
  const inner = change(list[at], rest, to, isInsert);
  if (inner === FAILED) return FAILED;
  return inner === undefined ? list.toSpliced(at, 1) : list.toSpliced(at, 1, inner);
}
