import type { Json } from "../../../world/datastore/datastore.ts";
import { field, isFields, isObject, type KubeObject } from "../../../world/kube/object.ts";
import { type Column, column } from "./column.ts";
import { NODE_COLUMNS } from "./nodes.ts";
import * as others from "./others.ts";
import { POD_COLUMNS } from "./pods.ts";
import * as workloads from "./workloads.ts";

const NAME = column("Name", (object) => object.metadata.name);

/** By kind; the name comes first, but for events. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Pod: POD_COLUMNS,
  Node: NODE_COLUMNS,
  Deployment: workloads.DEPLOYMENT_COLUMNS,
  ReplicaSet: workloads.REPLICA_SET_COLUMNS,
  DaemonSet: workloads.DAEMON_SET_COLUMNS,
  StatefulSet: workloads.STATEFUL_SET_COLUMNS,
  Job: workloads.JOB_COLUMNS,
  CronJob: workloads.CRON_JOB_COLUMNS,
  Namespace: others.NAMESPACE_COLUMNS,
  ConfigMap: others.CONFIG_MAP_COLUMNS,
  Secret: others.SECRET_COLUMNS,
  ServiceAccount: others.AGE_COLUMNS,
  Service: others.SERVICE_COLUMNS,
  Endpoints: others.ENDPOINTS_COLUMNS,
  EndpointSlice: others.ENDPOINT_SLICE_COLUMNS,
  Lease: others.LEASE_COLUMNS,
  StorageClass: others.STORAGE_CLASS_COLUMNS,
  PersistentVolumeClaim: others.VOLUME_CLAIM_COLUMNS,
  PersistentVolume: others.VOLUME_COLUMNS,
  ClusterRoleBinding: others.ROLE_BINDING_COLUMNS,
};

/** What the client wants in each row besides its cells. */
export type RowObject = "None" | "Metadata" | "Object";

/**
 * An object or a list as meta.k8s.io/v1 Table, as the server prints it for people. Null for what is neither: a Status is
 * told as it is.
 */
export function tableOf(body: Json, rowObject: RowObject, nowMs: number): Json | null {
  if (!isFields(body)) return null;
  const { items, kind } = body;
  if (Array.isArray(items) && typeof kind === "string" && kind.endsWith("List")) {
    const objects = (items as readonly Json[]).filter((item) => isObject(item));
    return table(kind.slice(0, -"List".length), objects, body["metadata"] ?? {}, rowObject, nowMs);
  }
  if (!isObject(body) || kind === "Status" || kind === "Scale") return null;
  const resourceVersion = field(body, "metadata", "resourceVersion");
  return table(body.kind, [body], resourceVersion === undefined ? {} : { resourceVersion }, rowObject, nowMs);
}

function table(
  kind: string,
  objects: readonly KubeObject[],
  metadata: Json,
  rowObject: RowObject,
  nowMs: number,
): Json {
  const columns = kind === "Event" ? others.EVENT_COLUMNS : [NAME, ...(COLUMNS[kind] ?? others.CREATED_AT_COLUMNS)];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, type, isWide }) => ({
      name,
      type,
      format: name === "Name" ? "name" : "",
      description: "",
      priority: isWide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, nowMs)),
      ...rowObjectOf(object, rowObject),
    })),
  };
}

function rowObjectOf(object: KubeObject, wanted: RowObject): { readonly object?: Json } {
  if (wanted === "None") return {};
  if (wanted === "Object") return { object };
  return { object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata } };
}
