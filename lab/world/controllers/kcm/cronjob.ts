import type { Fields, KubeObject } from "../../kube/object.ts";
import { field, isFields, keyOf } from "../../kube/object.ts";
import { parseTimeMs, timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import type { Task } from "../task.ts";
import { controllerOf, createdAtMs, isConditionTrue, itemsAt, numberAt, ownedBy, textAt } from "../values.ts";
import { isJobFinished } from "./job.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

/** spec.successfulJobsHistoryLimit and spec.failedJobsHistoryLimit when absent. */
const SUCCESSFUL_HISTORY = 3;
const FAILED_HISTORY = 1;
/** Kubernetes cronjob_controllerv2.go, nextScheduleDelta: so that the minute has surely begun. */
const DELTA_MS = 100;
/** More missed starts than this are only told of (`TooManyMissedTimes`); the last of them is made up for. */
const MISSED_MAX = 100;

/**
 * CronJobs: a Job at each time of the schedule. It wakes by its own timer, not by the informer: above a frozen cache it
 * goes on making Jobs (which nothing sees), and fails to write their times into a CronJob that it knows too little of.
 */
export function startCronJobs(component: Component): void {
  const { informers, api, host, record } = component;
  const cronJobs = informers.of("cronjobs.batch");
  const queue = createQueue(component.process, reconcile);
  const schedules = new Map<string, Schedule | null>();

  function scheduleOf(text: string): Schedule | null {
    let schedule = schedules.get(text);
    if (schedule === undefined) schedules.set(text, (schedule = parseSchedule(text)));
    return schedule;
  }

  function* reconcile(key: string): Task<boolean> {
    const cronJob = cronJobs.objects.get(key);
    if (cronJob === undefined || cronJob.metadata.deletionTimestamp !== undefined) return true;
    const jobs = informers.ownedBy("jobs.batch", cronJob.metadata.uid ?? "");
    let status = withoutEnded(cronJob, yield* stillActive(cronJob, jobs), jobs);
    if (!(yield* cleanUp(cronJob, jobs))) return false;
    const schedule = scheduleOf(textAt(cronJob, "spec", "schedule"));
    const isRunning = schedule !== null && field(cronJob, "spec", "suspend") !== true;
    const dueMs = isRunning ? lastDueMs(cronJob, schedule, host.clock.nowMs()) : null;
    if (dueMs !== null && mayStart(cronJob, status, dueMs, host.clock.nowMs())) {
      const job = yield* startJob(cronJob, dueMs);
      if (job === null) return false;
      status = withActive(status, job, dueMs);
    }
    if (status !== (cronJob.status ?? NO_STATUS)) {
      const reply = yield* api.update("cronjobs.batch", { ...cronJob, status }, "status");
      if (!reply.ok) return reply.status === 404;
    }
    const nextMs = isRunning ? schedule.nextMs(host.clock.nowMs()) : null;
    if (nextMs !== null) queue.addAfter(key, nextMs - host.clock.nowMs() + DELTA_MS);
    return true;
  }

  /** The active ones of its status that go on. One that the informer does not know is looked up in the store. */
  function* stillActive(cronJob: KubeObject, jobs: readonly KubeObject[]): Task<readonly Fields[]> {
    const left: Fields[] = [];
    for (const reference of itemsAt(cronJob, "status", "active")) {
      const known = jobs.find(({ metadata }) => metadata.uid === reference["uid"]);
      if (known !== undefined) {
        if (!isJobFinished(known)) left.push(reference);
        continue;
      }
      const there = yield* api.get("jobs.batch", cronJob.metadata.namespace ?? null, textAt(reference, "name"));
      if (there.ok || there.status !== 404) left.push(reference);
    }
    return left;
  }

  /** The Job of that time; null when it could not be made. */
  function* startJob(cronJob: KubeObject, dueMs: number): Task<KubeObject | null> {
    const made = jobOf(cronJob, dueMs);
    const reply = yield* api.create("jobs.batch", made);
    if (reply.ok) {
      record(cronJob, "Normal", "SuccessfulCreate", `Created job ${made.metadata.name}`);
      return reply.object;
    }
    if (reply.status !== 409) return null;
    // Made before its time could be written down.
    const there = yield* api.get("jobs.batch", made.metadata.namespace ?? null, made.metadata.name);
    return there.ok ? there.object : null;
  }

  /** Deletes the oldest finished Jobs beyond the history limits. */
  function* cleanUp(cronJob: KubeObject, jobs: readonly KubeObject[]): Task<boolean> {
    const ended = (type: string) => jobs.filter((job) => isConditionTrue(job, type)).sort(byStart);
    const limit = (otherwise: number, name: string) => numberAt(cronJob, otherwise, "spec", name);
    const surplus = [
      ...beyond(ended("Complete"), limit(SUCCESSFUL_HISTORY, "successfulJobsHistoryLimit")),
      ...beyond(ended("Failed"), limit(FAILED_HISTORY, "failedJobsHistoryLimit")),
    ];
    for (const job of surplus) {
      const reply = yield* api.delete("jobs.batch", job);
      if (!reply.ok && reply.status !== 404) return false;
      if (reply.ok) record(cronJob, "Normal", "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
    }
    return true;
  }

  const ownerChanged = (job: KubeObject) => {
    const owner = controllerOf(job);
    if (owner?.kind === "CronJob") queue.add(`${job.metadata.namespace}/${owner.name}`);
  };
  informers.listen("cronjobs.batch", {
    onAdd: (cronJob) => queue.add(keyOf(cronJob)),
    onUpdate: (_before, cronJob) => queue.add(keyOf(cronJob)),
  });
  informers.listen("jobs.batch", {
    onAdd: ownerChanged,
    onUpdate: (before, job) => (isJobFinished(before) === isJobFinished(job) ? undefined : ownerChanged(job)),
    onDelete: ownerChanged,
  });
}

const NO_STATUS: Fields = {};

/** The latest time of the schedule that has passed and was not started yet. */
export function lastDueMs(cronJob: KubeObject, schedule: Schedule, nowMs: number): number | null {
  const lastMs = parseTimeMs(textAt(cronJob, "status", "lastScheduleTime"));
  const deadlineMs = numberAt(cronJob, Number.POSITIVE_INFINITY, "spec", "startingDeadlineSeconds") * 1000;
  const sinceMs = Math.max(Number.isNaN(lastMs) ? createdAtMs(cronJob) : lastMs, nowMs - deadlineMs);
  let due = schedule.nextMs(sinceMs);
  if (due === null || due > nowMs) return null;
  for (let missed = 0; missed < MISSED_MAX; missed += 1) {
    const next = schedule.nextMs(due);
    if (next === null || next > nowMs) return due;
    due = next;
  }
  // So many were missed that the last one is found from its period alone.
  const periodMs = (schedule.nextMs(due) ?? nowMs) - due;
  return periodMs <= 0 ? due : due + Math.floor((nowMs - due) / periodMs) * periodMs;
}

function mayStart(cronJob: KubeObject, status: Fields, dueMs: number, nowMs: number): boolean {
  const deadline = numberAt(cronJob, Number.POSITIVE_INFINITY, "spec", "startingDeadlineSeconds") * 1000;
  if (nowMs - dueMs > deadline) return false;
  return textAt(cronJob, "spec", "concurrencyPolicy") !== "Forbid" || itemsAt(status, "active").length === 0;
}

/** `CRONJOB-MINUTES`: the same time always gives the same name, so a time is never started twice. */
function jobOf(cronJob: KubeObject, dueMs: number): KubeObject {
  const { name, namespace } = cronJob.metadata;
  const template = field(cronJob, "spec", "jobTemplate");
  const metadata = field(template, "metadata");
  const spec = field(template, "spec");
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...(isFields(metadata) ? metadata : {}),
      name: `${name}-${Math.floor(dueMs / 60_000)}`,
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": timeText(dueMs) },
      ownerReferences: [ownedBy(cronJob)],
    },
    spec: isFields(spec) ? spec : {},
  };
}

/** The status with only those active; the very same one when nothing changed. */
function withoutEnded(cronJob: KubeObject, left: readonly Fields[], jobs: readonly KubeObject[]): Fields {
  const status = cronJob.status ?? NO_STATUS;
  const active = itemsAt(status, "active");
  if (left.length === active.length) return status;
  const endOf = (uid: string) =>
    textAt(
      jobs.find(({ metadata }) => metadata.uid === uid),
      "status",
      "completionTime",
    );
  const last =
    active
      .map((reference) => endOf(textAt(reference, "uid")))
      .sort()
      .at(-1) ?? "";
  const { active: _active, ...rest } = status;
  return {
    ...rest,
    ...(left.length > 0 ? { active: left } : {}),
    ...(last > textAt(status, "lastSuccessfulTime") ? { lastSuccessfulTime: last } : {}),
  };
}

function withActive(status: Fields, { metadata }: KubeObject, dueMs: number): Fields {
  const { name, namespace = "", uid = "" } = metadata;
  const reference = { apiVersion: "batch/v1", kind: "Job", name, namespace, uid };
  const others = itemsAt(status, "active").filter((one) => one["uid"] !== uid);
  return { ...status, active: [...others, reference], lastScheduleTime: timeText(dueMs) };
}

function byStart(one: KubeObject, other: KubeObject): number {
  return createdAtMs(one) - createdAtMs(other) || (one.metadata.name < other.metadata.name ? -1 : 1);
}

function beyond<T>(oldestFirst: readonly T[], limit: number): readonly T[] {
  return oldestFirst.slice(0, Math.max(0, oldestFirst.length - limit));
}
