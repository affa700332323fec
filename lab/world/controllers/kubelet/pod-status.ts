import { type Fields, type KubeObject } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import { itemsAt, textAt, withCondition } from "../values.ts";
import type { Container } from "./containerd.ts";

/** What a kubelet says of a pod. */
export interface PodView {
  readonly pod: KubeObject;
  readonly hostIp: string;
  /** Null: its container is being created. */
  readonly container: Container | null;
  /** By the host's clock. */
  readonly now: string;
}

/** The status of a pod by the state of its container. */
export function podStatus({ pod, hostIp, container, now }: PodView): Fields {
  const phase = phaseOf(pod, container);
  const isReady = container !== null && container.exit === null;
  let changed = pod;
  const wanted: readonly Fields[] = [
    { type: "PodScheduled", status: "True" },
    { type: "Initialized", status: "True" },
    { type: "ContainersReady", status: flag(isReady) },
    { type: "Ready", status: flag(isReady) },
  ];
  for (const condition of wanted) {
    changed = { ...changed, status: { ...changed.status, conditions: withCondition(changed, condition, now) } };
  }
  const podIp = container?.podIp;
  return {
    phase,
    conditions: itemsAt(changed, "status", "conditions"),
    hostIP: hostIp,
    startTime: textAt(pod, "status", "startTime") || now,
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    containerStatuses: itemsAt(pod, "spec", "containers").map((spec) => containerStatus(spec, container, isReady)),
    qosClass: "BestEffort",
  };
}

function flag(isTrue: boolean): string {
  return isTrue ? "True" : "False";
}

function phaseOf(pod: KubeObject, container: Container | null): string {
  const policy = textAt(pod, "spec", "restartPolicy");
  // It ran, and its sandbox went with the power.
  if (container === null && textAt(pod, "status", "phase") === "Running")
    return policy === "Never" ? "Failed" : "Running";
  if (container === null) return "Pending";
  if (container.exit === null) return "Running";
  if (container.exit.status === 0) return policy === "Never" || policy === "OnFailure" ? "Succeeded" : "Running";
  return policy === "Never" ? "Failed" : "Running";
}

function containerStatus(spec: Fields, container: Container | null, ready: boolean): Fields {
  return {
    name: spec["name"] ?? "",
    image: spec["image"] ?? "",
    imageID: "",
    ready,
    started: ready,
    restartCount: container?.restarts ?? 0,
    state: stateOf(container),
  };
}

function stateOf(container: Container | null): Fields {
  if (container === null) return { waiting: { reason: "ContainerCreating" } };
  const startedAt = timeText(container.startedAtMs);
  if (container.exit === null) return { running: { startedAt } };
  const { status, atMs } = container.exit;
  const reason = status === 0 ? "Completed" : "Error";
  return { terminated: { exitCode: status, reason, startedAt, finishedAt: timeText(atMs) } };
}
