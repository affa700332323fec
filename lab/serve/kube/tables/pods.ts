import type { Json } from "../../../world/datastore/datastore.ts";
import { field, type KubeObject } from "../../../world/kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { ageText, listAt, NONE, numberAt, textAt } from "./text.ts";

/** printPod of kubernetes pkg/printers/internalversion. */
export const POD_COLUMNS: readonly Column[] = [
  column("Ready", (pod) => `${readyContainers(pod)}/${listAt(pod, "spec", "containers").length}`),
  column("Status", statusOf),
  column("Restarts", restartsText),
  column("Age", (pod, nowMs) => ageText(pod.metadata.creationTimestamp, nowMs)),
  wide("IP", (pod) => textAt(pod, "status", "podIP") || NONE),
  wide("Node", (pod) => textAt(pod, "spec", "nodeName") || NONE),
  wide("Nominated Node", (pod) => textAt(pod, "status", "nominatedNodeName") || NONE),
  wide("Readiness Gates", () => NONE),
];

function statuses(pod: KubeObject): readonly Json[] {
  return listAt(pod, "status", "containerStatuses");
}

function readyContainers(pod: KubeObject): number {
  return statuses(pod).filter((one) => field(one, "ready") === true && field(one, "state", "running") !== undefined)
    .length;
}

function statusOf(pod: KubeObject): string {
  const phase = textAt(pod, "status", "phase");
  const ofPod = textAt(pod, "status", "reason");
  let reason = ofPod || phase;
  let isRunning = false;
  for (const one of statuses(pod).toReversed()) {
    const waiting = textAt(one, "state", "waiting", "reason");
    const terminated = field(one, "state", "terminated");
    if (waiting !== "") reason = waiting;
    else if (terminated !== undefined)
      reason = textAt(terminated, "reason") || `ExitCode:${numberAt(terminated, "exitCode")}`;
    else if (field(one, "ready") === true) isRunning = true;
  }
  if (reason === "Completed" && isRunning) reason = "Running";
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (ofPod === "NodeLost") return "Unknown";
  return phase === "Succeeded" || phase === "Failed" ? reason : "Terminating";
}

function restartsText(pod: KubeObject, nowMs: number): string {
  const count = statuses(pod).reduce((sum: number, one) => sum + numberAt(one, "restartCount"), 0);
  const ends = statuses(pod).map((one) => textAt(one, "lastState", "terminated", "finishedAt"));
  const last = ends
    .filter((at) => at !== "")
    .sort()
    .at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${ageText(last, nowMs)} ago)`;
}
