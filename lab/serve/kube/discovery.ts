import type { Json } from "../../world/datastore/datastore.ts";
import { RESOURCES, type Resource } from "../../world/kube/resources.ts";

const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"] as const;
const SUBRESOURCE_VERBS = ["get", "patch", "update"] as const;

/** Kinds that `kubectl get all` shows. */
const ALL = new Set([
  "pods",
  "services",
  "deployments",
  "replicasets",
  "daemonsets",
  "statefulsets",
  "jobs",
  "cronjobs",
]);
const SCALABLE = new Set(["deployments", "replicasets", "statefulsets"]);

/** Groups that are not stored, only asked. */
const REVIEWS: readonly Review[] = [
  { group: "authorization.k8s.io", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview" },
  { group: "authentication.k8s.io", plural: "selfsubjectreviews", kind: "SelfSubjectReview" },
];

interface Review {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** One resource as discovery tells it. */
interface Told {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly {
    readonly name: string;
    readonly group: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

const TOLD: readonly Told[] = [...RESOURCES.map(toldOf), ...REVIEWS.map(reviewOf)];

/** Without the core group, in the order in which they are served. */
export const GROUPS: readonly string[] = [...new Set(TOLD.map(({ group }) => group))].filter((group) => group !== "");

function toldOf({ group, plural, singular, kind, namespaced, shortNames, hasStatus }: Resource): Told {
  const status = hasStatus ? [{ name: "status", group, kind, verbs: SUBRESOURCE_VERBS }] : [];
  const scale = SCALABLE.has(plural)
    ? [{ name: "scale", group: "autoscaling", kind: "Scale", verbs: SUBRESOURCE_VERBS }]
    : [];
  const log = plural === "pods" ? [{ name: "log", group, kind, verbs: ["get"] }] : [];
  const eviction =
    plural === "pods" ? [{ name: "eviction", group: "policy", kind: "Eviction", verbs: ["create"] }] : [];
  const subresources = [...status, ...scale, ...log, ...eviction];
  return { group, plural, singular, kind, namespaced, shortNames, verbs: VERBS, subresources };
}

function reviewOf({ group, plural, kind }: Review): Told {
  const names = { plural, singular: kind.toLowerCase(), shortNames: [] };
  return { group, ...names, kind, namespaced: false, verbs: ["create"], subresources: [] };
}

/** `/api`, `/apis`, `/api/v1`, `/apis/GROUP`, `/apis/GROUP/VERSION`; null for any other path. */
export function discoveryAt(path: string, shape: "json" | "discovery"): Json | null {
  const clean = path.replace(/\/$/, "");
  if (clean === "/api") return shape === "discovery" ? aggregated([""]) : CORE_VERSIONS;
  if (clean === "/apis")
    return shape === "discovery"
      ? aggregated(GROUPS)
      : { kind: "APIGroupList", apiVersion: "v1", groups: GROUPS.map(apiGroup) };
  if (clean === "/api/v1") return resourceList("");
  const [, group = "", version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(clean) ?? [];
  if (!GROUPS.includes(group)) return null;
  if (version === undefined) return { kind: "APIGroup", apiVersion: "v1", ...(apiGroup(group) as object) };
  return version === "v1" ? resourceList(group) : null;
}

const CORE_VERSIONS: Json = {
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1:16443" }],
};

function apiGroup(name: string): Json {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(group: string): Json {
  const resources = TOLD.filter((one) => one.group === group).flatMap((one) => [
    {
      name: one.plural,
      singularName: one.singular,
      namespaced: one.namespaced,
      kind: one.kind,
      verbs: one.verbs,
      ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
      ...(ALL.has(one.plural) ? { categories: ["all"] } : {}),
    },
    ...one.subresources.map((sub) => ({
      name: `${one.plural}/${sub.name}`,
      singularName: "",
      namespaced: one.namespaced,
      ...(sub.group === group ? {} : { group: sub.group, version: "v1" }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: group === "" ? "v1" : `${group}/v1`, resources };
}

/** Everything in one answer (apidiscovery.k8s.io/v2): two requests instead of one for each group. */
function aggregated(groups: readonly string[]): Json {
  const items = groups.map((group) => ({
    metadata: group === "" ? {} : { name: group },
    versions: [
      {
        version: "v1",
        freshness: "Current",
        resources: TOLD.filter((one) => one.group === group).map(aggregatedResource),
      },
    ],
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource(one: Told): Json {
  return {
    resource: one.plural,
    responseKind: kindOf(one.group, one.kind),
    scope: one.namespaced ? "Namespaced" : "Cluster",
    singularResource: one.singular,
    verbs: one.verbs,
    ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
    ...(ALL.has(one.plural) ? { categories: ["all"] } : {}),
    ...(one.subresources.length === 0
      ? {}
      : {
          subresources: one.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: kindOf(sub.group, sub.kind),
            verbs: sub.verbs,
          })),
        }),
  };
}

function kindOf(group: string, kind: string): Json {
  return { group, version: "v1", kind };
}
