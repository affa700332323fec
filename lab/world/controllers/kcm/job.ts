import { isEqual } from "../../kube/equal.ts";
import type { Fields, KubeObject } from "../../kube/object.ts";
import { field, keyOf } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import type { Task } from "../task.ts";
import { isActivePod, isConditionTrue, numberAt, textAt, withCondition } from "../values.ts";
import { createExpectations, followPods } from "./expectations.ts";
import { createPod, deletePod } from "./pods.ts";

/** kubernetes pkg/controller/job: a failed pod is followed by the next after 10 s, doubled each time, at most 10 min. */
const FIRST_BACKOFF_MS = 10_000;
const MOST_BACKOFF_MS = 600_000;
/** spec.backoffLimit when absent. */
const BACKOFF_LIMIT = 6;
const RETRY_MS = 1000;

export function isJobFinished(job: KubeObject): boolean {
  return isConditionTrue(job, "Complete") || isConditionTrue(job, "Failed");
}

/** Jobs: pods until as many succeeded as wanted, or more failed than allowed. Counted by the pods that there are. */
export function startJobs(component: Component): void {
  const { informers, api, sim, host, record } = component;
  const jobs = informers.of("jobs.batch");
  const expectations = createExpectations(() => sim.nowMs());
  const queue = createQueue(component.process, reconcile);
  /** Not before this instant, after a pod failed. */
  const backoffUntilMs = new Map<string, number>();

  function* reconcile(key: string): Task<boolean> {
    const job = jobs.objects.get(key);
    if (job === undefined) {
      expectations.forget(key);
      backoffUntilMs.delete(key);
      return true;
    }
    if (job.metadata.deletionTimestamp !== undefined || isJobFinished(job)) return true;
    if (!expectations.isFulfilled(key)) return true;
    const pods = informers.ownedBy("pods", job.metadata.uid ?? "");
    const active = pods.filter(isActivePod);
    const succeeded = countOf(pods, "Succeeded");
    const failed = countOf(pods, "Failed");
    const end = endOf(job, succeeded, failed);
    const wanted = end === null ? podsWanted(job, succeeded) : 0;
    if (failed > numberAt(job, 0, "status", "failed")) backOff(key, failed);
    const isEnough = yield* manage(key, job, active, wanted);
    const status = statusOf(job, { active: wanted, succeeded, failed, end }, timeText(host.clock.nowMs()));
    if (isEqual(job.status, status)) return isEnough;
    const reply = yield* api.update("jobs.batch", { ...job, status }, "status");
    if (!reply.ok) return reply.status === 404;
    if (end !== null) record(job, end.type === "Complete" ? "Normal" : "Warning", end.reason, end.message);
    return isEnough;
  }

  /** Creates what is missing, deletes what is too much; false when something of it failed. */
  function* manage(key: string, job: KubeObject, active: readonly KubeObject[], wanted: number): Task<boolean> {
    const missing = wanted - active.length;
    const waitMs = (backoffUntilMs.get(key) ?? 0) - sim.nowMs();
    if (missing > 0 && waitMs > 0) {
      queue.addAfter(key, waitMs);
      return true;
    }
    const surplus = active.slice(0, Math.max(0, -missing));
    if (missing !== 0) expectations.expect(key, Math.max(0, missing), surplus.map(keyOf));
    for (let made = 0; made < missing; made += 1) {
      const reply = yield* createPod(component, job);
      if (reply.ok) continue;
      for (let lost = made; lost < missing; lost += 1) expectations.creationSeen(key);
      queue.addAfter(key, RETRY_MS);
      return true;
    }
    for (const pod of surplus) {
      const reply = yield* deletePod(component, job, pod);
      if (!reply.ok) expectations.deletionSeen(key, keyOf(pod));
      if (!reply.ok && reply.status !== 404) return false;
    }
    return true;
  }

  function backOff(key: string, failed: number): void {
    backoffUntilMs.set(key, sim.nowMs() + Math.min(FIRST_BACKOFF_MS * 2 ** (failed - 1), MOST_BACKOFF_MS));
  }

  followPods(component, "Job", queue, expectations);
  informers.listen("jobs.batch", {
    onAdd: (job) => queue.add(keyOf(job)),
    onUpdate: (_before, job) => queue.add(keyOf(job)),
    onDelete: (job) => queue.add(keyOf(job)),
  });
}

interface End {
  readonly type: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/** The Event's and the condition's words; null while the Job goes on. */
function endOf(job: KubeObject, succeeded: number, failed: number): End | null {
  if (succeeded >= numberAt(job, 1, "spec", "completions")) {
    return { type: "Complete", reason: "Completed", message: "Job completed" };
  }
  if (failed <= numberAt(job, BACKOFF_LIMIT, "spec", "backoffLimit")) return null;
  return {
    type: "Failed",
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
  };
}

function podsWanted(job: KubeObject, succeeded: number): number {
  if (field(job, "spec", "suspend") === true) return 0;
  const left = numberAt(job, 1, "spec", "completions") - succeeded;
  return Math.max(0, Math.min(left, numberAt(job, 1, "spec", "parallelism")));
}

interface Counts {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly end: End | null;
}

function statusOf(job: KubeObject, { active, succeeded, failed, end }: Counts, now: string): Fields {
  const startTime = textAt(job, "status", "startTime") || now;
  const counts = { active, succeeded, failed };
  const condition = end === null ? null : { ...end, status: "True", lastProbeTime: now };
  return {
    startTime,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(condition === null ? {} : { conditions: withCondition(job, condition, now) }),
    ...(end?.type === "Complete" ? { completionTime: now } : {}),
  };
}

function countOf(pods: readonly KubeObject[], phase: string): number {
  return pods.filter((pod) => textAt(pod, "status", "phase") === phase).length;
}
