import { type Json } from "../datastore/datastore.ts";
import { field, type KubeObject } from "./object.ts";

/** A kind of object that the apiserver serves, with what differs between kinds. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Below it the objects are stored: `PREFIX/NAMESPACE/NAME`; the names are Kubernetes's, of old. */
  readonly prefix: string;
  readonly hasStatus: boolean;
  /** `metadata.generation` counts the changes of its spec. */
  readonly hasGeneration: boolean;
  /** A PUT without resourceVersion is taken (most kinds); else 422. */
  readonly allowsBlindUpdate: boolean;
  /** A PUT of what does not exist creates it. */
  readonly createsOnUpdate: boolean;
  /** All but events (kubernetes pkg/kubeapiserver/default_storage_factory_builder.go). */
  readonly hasWatchCache: boolean;
  /** Objects vanish after it; null: they stay. */
  readonly ttlMs: number | null;
  /** Field selectors it supports besides metadata.name and metadata.namespace, and where the value is. */
  readonly fieldLabels: Readonly<Record<string, (object: KubeObject) => string>>;
  /** What Kubernetes says of any other; `%s` is the label. */
  readonly badFieldLabel: string;
}

/** MicroK8s starts its apiserver with `--event-ttl=5m`. */
const EVENT_TTL_MS = 300_000;

const DEFAULTS = {
  version: "v1",
  shortNames: [] as readonly string[],
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  allowsBlindUpdate: true,
  createsOnUpdate: false,
  hasWatchCache: true,
  ttlMs: null,
  fieldLabels: {},
  // apimachinery, runtime.DefaultMetaV1FieldSelectorConversion.
  badFieldLabel: '"%s" is not a known field selector: only "metadata.name", "metadata.namespace"',
} as const;

/** apis/core/v1/conversion.go. */
const CORE_BAD_FIELD_LABEL = "field label not supported: %s";

function at(...path: readonly string[]): (object: KubeObject) => string {
  return (object) => textOf(field(object, ...path));
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? "" : typeof value === "object" ? "" : String(value);
}

type Given = Pick<Resource, "plural" | "kind"> & Partial<Resource>;

function resource(group: string, given: Given): Resource {
  const singular = given.kind.toLowerCase();
  const badFieldLabel = group === "" ? CORE_BAD_FIELD_LABEL : DEFAULTS.badFieldLabel;
  return { ...DEFAULTS, group, singular, prefix: `/registry/${given.plural}`, badFieldLabel, ...given };
}

const CORE: readonly Given[] = [
  {
    plural: "nodes",
    kind: "Node",
    shortNames: ["no"],
    namespaced: false,
    prefix: "/registry/minions",
    hasStatus: true,
    fieldLabels: { "spec.unschedulable": (object) => String(field(object, "spec", "unschedulable") === true) },
  },
  {
    plural: "pods",
    kind: "Pod",
    shortNames: ["po"],
    hasStatus: true,
    fieldLabels: {
      "spec.nodeName": at("spec", "nodeName"),
      "spec.restartPolicy": at("spec", "restartPolicy"),
      "spec.schedulerName": at("spec", "schedulerName"),
      "spec.serviceAccountName": at("spec", "serviceAccountName"),
      "spec.hostNetwork": (object) => String(field(object, "spec", "hostNetwork") === true),
      "status.phase": at("status", "phase"),
      "status.podIP": at("status", "podIP"),
      "status.nominatedNodeName": at("status", "nominatedNodeName"),
    },
  },
  {
    plural: "services",
    kind: "Service",
    shortNames: ["svc"],
    prefix: "/registry/services/specs",
    hasStatus: true,
    fieldLabels: { "spec.clusterIP": at("spec", "clusterIP"), "spec.type": at("spec", "type") },
  },
  {
    plural: "endpoints",
    kind: "Endpoints",
    shortNames: ["ep"],
    prefix: "/registry/services/endpoints",
    createsOnUpdate: true,
  },
  { plural: "configmaps", kind: "ConfigMap", shortNames: ["cm"] },
  { plural: "secrets", kind: "Secret", fieldLabels: { type: at("type") } },
  {
    plural: "events",
    kind: "Event",
    shortNames: ["ev"],
    hasWatchCache: false,
    ttlMs: EVENT_TTL_MS,
    createsOnUpdate: true,
    fieldLabels: {
      "involvedObject.kind": at("involvedObject", "kind"),
      "involvedObject.namespace": at("involvedObject", "namespace"),
      "involvedObject.name": at("involvedObject", "name"),
      "involvedObject.uid": at("involvedObject", "uid"),
      "involvedObject.apiVersion": at("involvedObject", "apiVersion"),
      "involvedObject.resourceVersion": at("involvedObject", "resourceVersion"),
      "involvedObject.fieldPath": at("involvedObject", "fieldPath"),
      reason: at("reason"),
      reportingComponent: at("reportingComponent"),
      source: at("source", "component"),
      type: at("type"),
    },
  },
  {
    plural: "namespaces",
    kind: "Namespace",
    shortNames: ["ns"],
    namespaced: false,
    hasStatus: true,
    fieldLabels: { "status.phase": at("status", "phase") },
  },
  { plural: "serviceaccounts", kind: "ServiceAccount", shortNames: ["sa"] },
  { plural: "persistentvolumes", kind: "PersistentVolume", shortNames: ["pv"], namespaced: false, hasStatus: true },
  { plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", shortNames: ["pvc"], hasStatus: true },
];

const APPS: readonly Given[] = [
  { plural: "deployments", kind: "Deployment", shortNames: ["deploy"] },
  {
    plural: "replicasets",
    kind: "ReplicaSet",
    shortNames: ["rs"],
    fieldLabels: { "status.replicas": at("status", "replicas") },
  },
  { plural: "daemonsets", kind: "DaemonSet", shortNames: ["ds"] },
  { plural: "statefulsets", kind: "StatefulSet", shortNames: ["sts"] },
];

const BATCH: readonly Given[] = [
  {
    plural: "jobs",
    kind: "Job",
    fieldLabels: { "status.successful": (object) => textOf(field(object, "status", "succeeded")) || "0" },
    // apis/batch/v1/conversion.go.
    badFieldLabel: 'field label "%s" not supported for batchv1.Job',
  },
  { plural: "cronjobs", kind: "CronJob", shortNames: ["cj"] },
];

/** All that the lab's apiserver serves; discovery is made from it. */
export const RESOURCES: readonly Resource[] = [
  ...CORE.map((given) => resource("", given)),
  ...APPS.map((given) => resource("apps", { hasStatus: true, hasGeneration: true, ...given })),
  ...BATCH.map((given) => resource("batch", { hasStatus: true, hasGeneration: true, ...given })),
  resource("coordination.k8s.io", { plural: "leases", kind: "Lease", allowsBlindUpdate: false, createsOnUpdate: true }),
  resource("discovery.k8s.io", { plural: "endpointslices", kind: "EndpointSlice", hasGeneration: true }),
  resource("storage.k8s.io", { plural: "storageclasses", kind: "StorageClass", shortNames: ["sc"], namespaced: false }),
  resource("rbac.authorization.k8s.io", { plural: "clusterroles", kind: "ClusterRole", namespaced: false }),
  resource("rbac.authorization.k8s.io", {
    plural: "clusterrolebindings",
    kind: "ClusterRoleBinding",
    namespaced: false,
  }),
];

const BY_PATH = new Map(RESOURCES.map((one) => [`${one.group}/${one.version}/${one.plural}`, one]));
const BY_NAME = new Map(RESOURCES.map((one) => [resourceName(one), one]));

/** The resource of an API path; undefined when it is not served. */
export function resourceAt(group: string, version: string, plural: string): Resource | undefined {
  return BY_PATH.get(`${group}/${version}/${plural}`);
}

/** By `plural.group`, for example `pods`, `deployments.apps`; throws for one that is not served. */
export function resourceNamed(name: string): Resource {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`the lab's apiserver serves no ${name}`);
  return found;
}

/** `plural.group`, or the bare plural for the core group: `leases.coordination.k8s.io`, `pods`. */
export function resourceName({ plural, group }: Pick<Resource, "plural" | "group">): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Resource, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The object's key in the store. */
export function storageKey({ prefix, namespaced }: Resource, namespace: string | null, name: string): string {
  return namespaced ? `${prefix}/${namespace ?? ""}/${name}` : `${prefix}/${name}`;
}

/** The API path of a collection, or of one object in it. */
export function apiPath(
  resource: Resource,
  namespace: string | null = null,
  name?: string,
  subresource?: string,
): string {
  const { group, version, plural, namespaced } = resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}${namespaced && namespace !== null ? `/namespaces/${namespace}` : ""}/${plural}`;
  if (name === undefined) return collection;
  return subresource === undefined ? `${collection}/${name}` : `${collection}/${name}/${subresource}`;
}
