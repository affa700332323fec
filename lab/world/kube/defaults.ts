import type { Json } from "../datastore/datastore.ts";
import { field, type Fields, type KubeObject } from "./object.ts";

/**
 * What Kubernetes fills in when an object is created, as far as controllers and `kubectl` look at it
 * (pkg/apis/GROUP/v1/defaults.go). A field that was given stays.
 */
const SPEC_DEFAULTS: Readonly<Record<string, Fields>> = {
  Deployment: {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
  },
  ReplicaSet: { replicas: 1 },
  StatefulSet: { replicas: 1, podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10 },
  DaemonSet: {
    revisionHistoryLimit: 10,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  },
  Job: { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false },
  CronJob: {
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  Pod: {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "default",
    schedulerName: "default-scheduler",
    enableServiceLinks: true,
  },
  Service: { type: "ClusterIP", sessionAffinity: "None" },
  Namespace: { finalizers: ["kubernetes"] },
};

/** The status that a new object has, whatever it was sent with; other kinds begin without one. */
const FIRST_STATUS: Readonly<Record<string, Fields>> = {
  Pod: { phase: "Pending", qosClass: "BestEffort" },
  Namespace: { phase: "Active" },
  PersistentVolume: { phase: "Pending" },
  PersistentVolumeClaim: { phase: "Pending" },
  Service: { loadBalancer: {} },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  Job: {},
  CronJob: {},
};

export function withDefaults(object: KubeObject): KubeObject {
  const spec = SPEC_DEFAULTS[object.kind];
  const status = FIRST_STATUS[object.kind];
  let made = object;
  if (spec !== undefined) made = { ...made, spec: { ...spec, ...made.spec } };
  if (status !== undefined) made = { ...made, status };
  return made.kind === "Job" ? withJobSelector(made) : made;
}

/** A Job selects its pods by its own uid (pkg/registry/batch/job/strategy.go). */
function withJobSelector(job: KubeObject): KubeObject {
  if (field(job, "spec", "selector") !== undefined) return job;
  const { uid = "", name } = job.metadata;
  const matchLabels = { "batch.kubernetes.io/controller-uid": uid };
  const labels = { ...matchLabels, "batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name };
  const template = (job.spec?.["template"] ?? {}) as { readonly [name: string]: Json };
  const metadata = (template["metadata"] ?? {}) as { readonly [name: string]: Json };
  const given = (metadata["labels"] ?? {}) as { readonly [name: string]: Json };
  const filled = { ...template, metadata: { ...metadata, labels: { ...given, ...labels } } };
  return { ...job, spec: { ...job.spec, selector: { matchLabels }, template: filled } };
}
