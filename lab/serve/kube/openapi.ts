import type { Json } from "../../world/datastore/datastore.ts";
import { apiPath, RESOURCES, type Resource } from "../../world/kube/resources.ts";

/**
 * OpenAPI v3, as far as kubectl asks for it: it looks whether a kind's PATCH has `fieldValidation` (then the server checks
 * the fields and kubectl does not), and `explain` shows the schemas. The PATCH names no strategic merge: kubectl then
 * merges by the types it has built in, for which it needs no schema.
 */

/** `/openapi/v3` and `/openapi/v3/api/v1` or `/openapi/v3/apis/GROUP/v1`; null for any other path. */
export function openApiAt(path: string): Json | null {
  if (path === "/openapi/v3") return INDEX;
  const resources = BY_PATH.get(path);
  return resources === undefined ? null : documentOf(resources);
}

const BY_PATH = new Map<string, readonly Resource[]>(
  [...new Set(RESOURCES.map(rootOf))].map((root) => [
    `/openapi/v3${root}`,
    RESOURCES.filter((one) => rootOf(one) === root),
  ]),
);

function rootOf({ group, version }: Resource): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

const INDEX: Json = {
  paths: Object.fromEntries(
    [...BY_PATH.keys()].map((path) => [path.slice("/openapi/v3/".length), { serverRelativeURL: `${path}?hash=lab` }]),
  ),
};

function documentOf(resources: readonly Resource[]): Json {
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes (the lab of Quorate)", version: "lab" },
    paths: Object.fromEntries(resources.map((one) => [pathOf(one), operationsOf(one)])),
    components: { schemas: Object.fromEntries(resources.map((one) => [schemaName(one), schemaOf(one)])) },
  };
}

function pathOf(resource: Resource): string {
  return apiPath(resource, resource.namespaced ? "{namespace}" : null, "{name}");
}

function kindOf({ group, version, kind }: Resource): Json {
  return { group, version, kind };
}

function operationsOf(resource: Resource): Json {
  const content = { "application/json": { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } };
  const parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map((name) => ({
    name,
    in: "query",
    schema: { type: "string", uniqueItems: true },
  }));
  const responses = { "200": { description: "OK", content } };
  const common = { parameters, responses, "x-kubernetes-group-version-kind": kindOf(resource) };
  return {
    get: { ...common, "x-kubernetes-action": "get" },
    patch: {
      ...common,
      "x-kubernetes-action": "patch",
      requestBody: {
        content: { "application/merge-patch+json": {}, "application/json-patch+json": {} },
        required: true,
      },
    },
  };
}

function schemaName({ group, version, kind }: Resource): string {
  const api = group === "" ? "core" : (group.split(".", 1)[0] ?? group);
  return `io.k8s.api.${api}.${version}.${kind}`;
}

function schemaOf(resource: Resource): Json {
  const object = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    type: "object",
    description: `${resource.kind}, as far as the lab acts it out: its fields are not checked.`,
    properties: {
      apiVersion: { type: "string", description: "The versioned schema of this representation of an object." },
      kind: { type: "string", description: "The REST resource that this object represents." },
      metadata: { ...object, description: "Standard object's metadata." },
      spec: { ...object, description: "The desired behaviour." },
      ...(resource.hasStatus ? { status: { ...object, description: "The most recently observed status." } } : {}),
    },
    "x-kubernetes-group-version-kind": [kindOf(resource)],
  };
}
