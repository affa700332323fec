import { field, keyOf, type KubeObject } from "../../kube/object.ts";
import { parseTimeMs } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import type { Task } from "../task.ts";
import { conditionOf, textAt } from "../values.ts";
import { isJobFinished } from "./job.ts";

/** Deletes Jobs with `ttlSecondsAfterFinished`; before it does, it reads the Job from the store. */
export function startTtlAfterFinished(component: Component): void {
  const { informers, api, host } = component;
  const jobs = informers.of("jobs.batch");
  const queue = createQueue(component.process, reconcile);

  function* reconcile(key: string): Task<boolean> {
    const known = jobs.objects.get(key);
    if (known === undefined) return true;
    const fresh = yield* api.get("jobs.batch", known.metadata.namespace ?? null, known.metadata.name);
    if (!fresh.ok) return fresh.status === 404;
    const leftMs = timeLeftMs(fresh.object, host.clock.nowMs());
    if (leftMs === null) return true;
    if (leftMs > 0) {
      queue.addAfter(key, leftMs);
      return true;
    }
    const reply = yield* api.delete("jobs.batch", fresh.object);
    return reply.ok || reply.status === 404 || reply.status === 409;
  }

  const note = (job: KubeObject) => {
    const leftMs = timeLeftMs(job, host.clock.nowMs());
    if (leftMs !== null) queue.addAfter(keyOf(job), Math.max(0, leftMs));
  };
  informers.listen("jobs.batch", {
    onAdd: note,
    onUpdate: (before, job) => (isJobFinished(before) ? undefined : note(job)),
  });
}

/** Null: it stays. */
function timeLeftMs(job: KubeObject, nowMs: number): number | null {
  const ttlSeconds = field(job, "spec", "ttlSecondsAfterFinished");
  if (typeof ttlSeconds !== "number" || job.metadata.deletionTimestamp !== undefined) return null;
  const end = conditionOf(job, "Complete") ?? conditionOf(job, "Failed");
  if (end === undefined) return null;
  return parseTimeMs(textAt(end, "lastTransitionTime")) + ttlSeconds * 1000 - nowMs;
}
