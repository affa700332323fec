import type { KubeObject } from "../../../world/kube/object.ts";
import { field } from "../../../world/kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { ageText, conditionOf, listAt, NONE, textAt, UNKNOWN } from "./text.ts";

const ROLE_LABEL = "node-role.kubernetes.io/";

/** printNode. */
export const NODE_COLUMNS: readonly Column[] = [
  column("Status", statusOf),
  column("Roles", rolesOf),
  column("Age", (node, nowMs) => ageText(node.metadata.creationTimestamp, nowMs)),
  column("Version", (node) => info(node, "kubeletVersion")),
  wide("Internal-IP", (node) => addressOf(node, "InternalIP")),
  wide("External-IP", (node) => addressOf(node, "ExternalIP")),
  wide("OS-Image", (node) => info(node, "osImage") || UNKNOWN),
  wide("Kernel-Version", (node) => info(node, "kernelVersion") || UNKNOWN),
  wide("Container-Runtime", (node) => info(node, "containerRuntimeVersion") || UNKNOWN),
];

function statusOf(node: KubeObject): string {
  const ready = conditionOf(node, "Ready");
  const words = ready === undefined ? "Unknown" : textAt(ready, "status") === "True" ? "Ready" : "NotReady";
  return field(node, "spec", "unschedulable") === true ? `${words},SchedulingDisabled` : words;
}

function rolesOf(node: KubeObject): string {
  const labels = Object.keys(node.metadata.labels ?? {});
  const roles = labels.filter((label) => label.startsWith(ROLE_LABEL)).map((label) => label.slice(ROLE_LABEL.length));
  return roles.sort().join(",") || NONE;
}

function info(node: KubeObject, name: string): string {
  return textAt(node, "status", "nodeInfo", name);
}

function addressOf(node: KubeObject, type: string): string {
  return (
    textAt(
      listAt(node, "status", "addresses").find((one) => textAt(one, "type") === type),
      "address",
    ) || NONE
  );
}
