import type { Json } from "../../../world/datastore/datastore.ts";
import { field, type KubeObject } from "../../../world/kube/object.ts";
import { type Column, column, integer, wide } from "./column.ts";
import { ageText, labelsText, listAt, listText, NONE, numberAt, textAt, UNKNOWN } from "./text.ts";

const age = column("Age", (object, nowMs) => ageText(object.metadata.creationTimestamp, nowMs));

export const NAMESPACE_COLUMNS: readonly Column[] = [
  column("Status", (object) => textAt(object, "status", "phase")),
  age,
];

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  column("Data", (object) => String(sizeOf(field(object, "data")) + sizeOf(field(object, "binaryData")))),
  age,
];

export const SECRET_COLUMNS: readonly Column[] = [
  column("Type", (object) => textAt(object, "type")),
  column("Data", (object) => String(sizeOf(field(object, "data")))),
  age,
];

function sizeOf(value: Json | undefined): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

export const AGE_COLUMNS: readonly Column[] = [age];

/** What the server says of kinds that have no printer of their own. */
export const CREATED_AT_COLUMNS: readonly Column[] = [
  column("Created At", (object) => object.metadata.creationTimestamp ?? UNKNOWN),
];

export const SERVICE_COLUMNS: readonly Column[] = [
  column("Type", (object) => textAt(object, "spec", "type") || "ClusterIP"),
  column("Cluster-IP", (object) => textAt(object, "spec", "clusterIP") || NONE),
  column("External-IP", () => NONE),
  column("Port(s)", (object) => {
    const ports = listAt(object, "spec", "ports").map(
      (port) => `${textAt(port, "port")}/${textAt(port, "protocol") || "TCP"}`,
    );
    return ports.join(",") || NONE;
  }),
  age,
  wide("Selector", (object) => labelsText(field(object, "spec", "selector"))),
];

export const ENDPOINTS_COLUMNS: readonly Column[] = [
  column("Endpoints", (object) => {
    const all = listAt(object, "subsets").flatMap((subset) =>
      listAt(subset, "ports").flatMap((port) =>
        listAt(subset, "addresses").map((address) => `${textAt(address, "ip")}:${textAt(port, "port")}`),
      ),
    );
    return all.length === 0 ? NONE : listText(all);
  }),
  age,
];

export const ENDPOINT_SLICE_COLUMNS: readonly Column[] = [
  column("AddressType", (object) => textAt(object, "addressType")),
  column("Ports", (object) => listText(listAt(object, "ports").map((port) => textAt(port, "port") || "*"))),
  column("Endpoints", (object) =>
    listText(listAt(object, "endpoints").flatMap((one) => listAt(one, "addresses").map((address) => textAt(address)))),
  ),
  age,
];

export const LEASE_COLUMNS: readonly Column[] = [
  column("Holder", (object) => textAt(object, "spec", "holderIdentity")),
  age,
];

export const STORAGE_CLASS_COLUMNS: readonly Column[] = [
  column("Provisioner", (object) => textAt(object, "provisioner")),
  column("ReclaimPolicy", (object) => textAt(object, "reclaimPolicy") || "Delete"),
  column("VolumeBindingMode", (object) => textAt(object, "volumeBindingMode") || "Immediate"),
  column("AllowVolumeExpansion", (object) => textAt(object, "allowVolumeExpansion") || "false"),
  age,
];

export const VOLUME_CLAIM_COLUMNS: readonly Column[] = [
  column("Status", (object) => textAt(object, "status", "phase")),
  column("Volume", (object) => textAt(object, "spec", "volumeName")),
  column("Capacity", (object) => textAt(object, "status", "capacity", "storage")),
  column("Access Modes", accessModes),
  column("StorageClass", (object) => textAt(object, "spec", "storageClassName")),
  column("VolumeAttributesClass", () => "<unset>"),
  age,
  wide("VolumeMode", (object) => textAt(object, "spec", "volumeMode") || "Filesystem"),
];

export const VOLUME_COLUMNS: readonly Column[] = [
  column("Capacity", (object) => textAt(object, "spec", "capacity", "storage")),
  column("Access Modes", accessModes),
  column("Reclaim Policy", (object) => textAt(object, "spec", "persistentVolumeReclaimPolicy")),
  column("Status", (object) => textAt(object, "status", "phase")),
  column("Claim", (object) => {
    const name = textAt(object, "spec", "claimRef", "name");
    return name === "" ? "" : `${textAt(object, "spec", "claimRef", "namespace")}/${name}`;
  }),
  column("StorageClass", (object) => textAt(object, "spec", "storageClassName")),
  column("VolumeAttributesClass", () => "<unset>"),
  column("Reason", (object) => textAt(object, "status", "reason")),
  age,
  wide("VolumeMode", (object) => textAt(object, "spec", "volumeMode") || "Filesystem"),
];

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function accessModes(object: KubeObject): string {
  return listAt(object, "spec", "accessModes")
    .map((mode) => ACCESS_MODES[textAt(mode)] ?? textAt(mode))
    .join(",");
}

export const ROLE_BINDING_COLUMNS: readonly Column[] = [
  column("Role", (object) => `${textAt(object, "roleRef", "kind")}/${textAt(object, "roleRef", "name")}`),
  age,
];

/** printEvent: the only kind whose name is not its first column. */
export const EVENT_COLUMNS: readonly Column[] = [
  column("Last Seen", (event, nowMs) => ageText(lastSeen(event), nowMs)),
  column("Type", (event) => textAt(event, "type")),
  column("Reason", (event) => textAt(event, "reason")),
  column("Object", (event) => {
    const kind = textAt(event, "involvedObject", "kind").toLowerCase();
    const name = textAt(event, "involvedObject", "name");
    return name === "" ? kind : `${kind}/${name}`;
  }),
  wide("Subobject", (event) => textAt(event, "involvedObject", "fieldPath")),
  wide("Source", (event) => {
    const component = textAt(event, "source", "component") || textAt(event, "reportingComponent");
    const instance = textAt(event, "source", "host") || textAt(event, "reportingInstance");
    return instance === "" ? component : `${component}, ${instance}`;
  }),
  column("Message", (event) => textAt(event, "message").trim()),
  wide("First Seen", (event, nowMs) => ageText(firstSeen(event), nowMs)),
  { ...integer("Count", (event) => numberAt(event, "count") || 1), isWide: true },
  wide("Name", (event) => event.metadata.name),
];

function firstSeen(event: KubeObject): string {
  return textAt(event, "firstTimestamp") || textAt(event, "eventTime");
}

function lastSeen(event: KubeObject): string {
  return textAt(event, "series", "lastObservedTime") || textAt(event, "lastTimestamp") || firstSeen(event);
}
