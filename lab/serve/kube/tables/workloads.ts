import { field, type KubeObject } from "../../../world/kube/object.ts";
import { type Column, column, integer, wide } from "./column.ts";
import {
  ageText,
  conditionOf,
  containerCells,
  durationText,
  labelsText,
  listAt,
  NONE,
  numberAt,
  selectorText,
  textAt,
} from "./text.ts";

const age = column("Age", (object, nowMs) => ageText(object.metadata.creationTimestamp, nowMs));
const containers: readonly Column[] = [
  wide("Containers", (object) => containerCells(templateOf(object))[0]),
  wide("Images", (object) => containerCells(templateOf(object))[1]),
];
const selector = wide("Selector", (object) => selectorText(field(object, "spec", "selector")));

function templateOf(object: KubeObject) {
  return field(object, "spec", "template", "spec") ?? field(object, "spec", "jobTemplate", "spec", "template", "spec");
}

/** printDeployment. */
export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  column("Ready", (object) => `${numberAt(object, "status", "readyReplicas")}/${numberAt(object, "spec", "replicas")}`),
  column("Up-to-date", (object) => String(numberAt(object, "status", "updatedReplicas"))),
  column("Available", (object) => String(numberAt(object, "status", "availableReplicas"))),
  age,
  ...containers,
  selector,
];

/** printReplicaSet. */
export const REPLICA_SET_COLUMNS: readonly Column[] = [
  integer("Desired", (object) => numberAt(object, "spec", "replicas")),
  integer("Current", (object) => numberAt(object, "status", "replicas")),
  integer("Ready", (object) => numberAt(object, "status", "readyReplicas")),
  age,
  ...containers,
  selector,
];

/** printDaemonSet. */
export const DAEMON_SET_COLUMNS: readonly Column[] = [
  integer("Desired", (object) => numberAt(object, "status", "desiredNumberScheduled")),
  integer("Current", (object) => numberAt(object, "status", "currentNumberScheduled")),
  integer("Ready", (object) => numberAt(object, "status", "numberReady")),
  integer("Up-to-date", (object) => numberAt(object, "status", "updatedNumberScheduled")),
  integer("Available", (object) => numberAt(object, "status", "numberAvailable")),
  column("Node Selector", (object) => labelsText(field(templateOf(object), "nodeSelector"))),
  age,
  ...containers,
  selector,
];

/** printStatefulSet. */
export const STATEFUL_SET_COLUMNS: readonly Column[] = [
  column("Ready", (object) => `${numberAt(object, "status", "readyReplicas")}/${numberAt(object, "spec", "replicas")}`),
  age,
  ...containers,
];

/** printJob. */
export const JOB_COLUMNS: readonly Column[] = [
  column("Status", jobStatus),
  column("Completions", (job) => {
    const wanted = field(job, "spec", "completions");
    return `${numberAt(job, "status", "succeeded")}/${typeof wanted === "number" ? wanted : 1}`;
  }),
  column("Duration", (job, nowMs) => {
    const startMs = Date.parse(textAt(job, "status", "startTime"));
    const endMs = Date.parse(textAt(job, "status", "completionTime"));
    return Number.isNaN(startMs) ? "" : durationText((Number.isNaN(endMs) ? nowMs : endMs) - startMs);
  }),
  age,
  ...containers,
  selector,
];

function jobStatus(job: KubeObject): string {
  const has = (type: string) => textAt(conditionOf(job, type), "status") === "True";
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  return has("Suspended") ? "Suspended" : "Running";
}

/** printCronJob. */
export const CRON_JOB_COLUMNS: readonly Column[] = [
  column("Schedule", (object) => textAt(object, "spec", "schedule")),
  column("Timezone", (object) => textAt(object, "spec", "timeZone") || NONE),
  column("Suspend", (object) => (field(object, "spec", "suspend") === true ? "True" : "False")),
  integer("Active", (object) => listAt(object, "status", "active").length),
  column("Last Schedule", (object, nowMs) => {
    const at = textAt(object, "status", "lastScheduleTime");
    return at === "" ? NONE : ageText(at, nowMs);
  }),
  age,
  ...containers,
  wide("Selector", () => NONE),
];
