import type { Prng } from "../../sim/prng.ts";
import type { Json } from "../datastore/datastore.ts";
import { withDefaults } from "./defaults.ts";
import { isEqual } from "./equal.ts";
import { type Fields, isFields, type KubeObject, type ObjectMeta } from "./object.ts";
import type { Target } from "./path.ts";
import { apiVersionOf, type Resource } from "./resources.ts";
import { badRequest, conflict, invalid, type Reply, uidConflict } from "./status.ts";

/** What the host gives to a new object. */
export interface Makings {
  readonly draws: Prng;
  /** metav1.Time of now, by the host's clock. */
  readonly nowText: () => string;
}

export type Prepared = { readonly object: KubeObject } | { readonly refusal: Reply };

/** names.SimpleNameGenerator: five of these, no vowels and nothing that looks like another one. */
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789".split("");

/** The object that a create stores: named, dated, with its uid and Kubernetes's defaults. */
export function prepareCreate(
  { resource, namespace, name }: Target,
  body: Json | undefined,
  makings: Makings,
): Prepared {
  const given = metadataOf(body);
  if (given === null || !isFields(body)) return { refusal: badRequest("the body of the request is no object") };
  if (resource.namespaced && namespace === null)
    return { refusal: badRequest("an empty namespace may not be set during creation") };
  if (given.namespace !== undefined && given.namespace !== (namespace ?? undefined))
    return { refusal: wrongNamespace() };
  const generated = given.generateName === undefined ? undefined : given.generateName + suffix(makings.draws);
  const chosen = given.name ?? generated ?? name ?? undefined;
  if (chosen === undefined || chosen === "")
    return { refusal: invalid(resource, "", "metadata.name", "Required value: name or generateName is required") };
  const { resourceVersion: _revision, ...carried } = given;
  const metadata: ObjectMeta = {
    ...carried,
    name: chosen,
    ...(namespace === null ? {} : { namespace }),
    uid: uidOf(makings.draws),
    creationTimestamp: makings.nowText(),
    ...(resource.hasGeneration ? { generation: 1 } : {}),
  };
  const object = { ...body, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata } as KubeObject;
  return { object: withDefaults(object) };
}

function metadataOf(body: Json | undefined): Partial<ObjectMeta> | null {
  return isFields(body) && isFields(body["metadata"]) ? body["metadata"] : null;
}

function wrongNamespace(): Reply {
  return badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

function suffix(draws: Prng): string {
  return Array.from({ length: 5 }, () => draws.pick(NAME_ALPHABET)).join("");
}

/** A random UUID, version 4. */
export function uidOf(draws: Prng): string {
  const hex = draws.hex(32);
  const variant = draws.pick(["8", "9", "a", "b"]);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** What an update must name: the object it saw, unless the kind may be updated blindly. */
export function checkPreconditions(
  resource: Resource,
  key: string,
  current: KubeObject | null,
  given: { readonly uid?: string; readonly resourceVersion?: string },
  name: string,
): Reply | null {
  const found = current?.metadata.uid ?? "";
  if (given.uid !== undefined && given.uid !== found) return uidConflict(resource, name, key, given.uid, found);
  if (current === null) return null;
  if (given.resourceVersion === undefined || given.resourceVersion === "") return null;
  return given.resourceVersion === current.metadata.resourceVersion ? null : conflict(resource, name);
}

/** What of an object a request may change. */
export type Scope = "object" | "status";

/** The object that an update stores: what the server owns stays as it is, the generation counts changes of the spec. */
export function prepareUpdate(resource: Resource, scope: Scope, current: KubeObject, body: Json): Prepared {
  if (!isFields(body)) return { refusal: badRequest("the body of the request is no object") };
  const given = metadataOf(body) ?? {};
  const { name } = current.metadata;
  if (given.name !== undefined && given.name !== name) {
    const why = `the name of the object (${given.name}) does not match the name on the URL (${name})`;
    return { refusal: badRequest(why) };
  }
  if (given.namespace !== undefined && given.namespace !== current.metadata.namespace)
    return { refusal: wrongNamespace() };
  return { object: scope === "status" ? withStatus(current, body) : withBody(resource, current, body, given) };
}

function withStatus(current: KubeObject, body: Fields): KubeObject {
  const status = body["status"];
  return isFields(status) && status !== current.status ? { ...current, status } : current;
}

function withBody(resource: Resource, current: KubeObject, body: Fields, given: Partial<ObjectMeta>): KubeObject {
  const { metadata: before, status } = current;
  const spec = body["spec"];
  const isSpecNew = resource.hasGeneration && !isEqual(spec, current.spec);
  const metadata = carry(given, before);
  if (isSpecNew) metadata["generation"] = (before.generation ?? 0) + 1;
  const { status: _sent, ...sent } = body;
  const next = { ...sent, apiVersion: current.apiVersion, kind: current.kind, metadata } as unknown as KubeObject;
  if (!resource.hasStatus) return body["status"] === undefined ? next : { ...next, status: body["status"] as Fields };
  return status === undefined ? next : { ...next, status };
}

/** What a client can never change. */
const OWNED = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "generation",
  "resourceVersion",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** The sent metadata, with what the server owns as it was. */
function carry(given: Partial<ObjectMeta>, before: ObjectMeta): { [field: string]: Json } {
  const metadata = { ...given } as { [field: string]: Json };
  for (const name of OWNED) {
    const value = before[name];
    if (metadata[name] === value) continue;
    if (value === undefined) delete metadata[name];
    else metadata[name] = value;
  }
  return metadata;
}
