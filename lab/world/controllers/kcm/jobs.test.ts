import { expect, test } from "vitest";
import type { KubeObject } from "../../kube/object.ts";
import { DURATION_ANNOTATION, EXIT_ANNOTATION } from "../kubelet/containerd.ts";
import { createTestCluster } from "../test-cluster.ts";
import { isConditionTrue, numberAt, textAt } from "../values.ts";

const JOBS = "/apis/batch/v1/namespaces/default/jobs";
const CRONJOBS = "/apis/batch/v1/namespaces/default/cronjobs";

function jobSpec(durationMs: number, exit = 0, more: Record<string, number> = {}) {
  const annotations = { [DURATION_ANNOTATION]: String(durationMs), [EXIT_ANNOTATION]: String(exit) };
  const spec = { restartPolicy: "Never", containers: [{ name: "work", image: "example/work" }] };
  return { ...more, template: { metadata: { annotations }, spec } };
}

function job(name: string, spec: ReturnType<typeof jobSpec>): KubeObject {
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "default" }, spec };
}

function cronJob(name: string, schedule: string, more: Record<string, string | number> = {}): KubeObject {
  const spec = { schedule, ...more, jobTemplate: { spec: jobSpec(5000) } };
  return { apiVersion: "batch/v1", kind: "CronJob", metadata: { name, namespace: "default" }, spec };
}

test("a Job runs its pod to the end and is complete", async () => {
  const { pass, apply, one, all } = createTestCluster();
  await pass(30_000);
  await apply(JOBS, job("once", jobSpec(20_000)));
  await pass(10_000);
  expect(one("Job", "once")?.status).toMatchObject({ active: 1 });
  await pass(20_000);
  expect(one("Job", "once")?.status).toMatchObject({ succeeded: 1 });
  expect(isConditionTrue(one("Job", "once") as KubeObject, "Complete")).toBe(true);
  expect(all("Pod").map((pod) => textAt(pod, "status", "phase"))).toEqual(["Succeeded"]);
});

test("a Job whose pods fail tries as often as it may, later each time, and has failed then", async () => {
  const { pass, apply, one, all } = createTestCluster();
  await pass(30_000);
  await apply(JOBS, job("broken", jobSpec(1000, 3, { backoffLimit: 2 })));
  await pass(10_000);
  expect(all("Pod")).toHaveLength(1);
  await pass(120_000);
  expect(all("Pod")).toHaveLength(3);
  expect(one("Job", "broken")?.status).toMatchObject({ failed: 3 });
  expect(isConditionTrue(one("Job", "broken") as KubeObject, "Failed")).toBe(true);
});

test("a Job with a time to live is deleted with its pods when that is over", async () => {
  const { pass, apply, one, all } = createTestCluster();
  await pass(30_000);
  await apply(JOBS, job("short", jobSpec(1000, 0, { ttlSecondsAfterFinished: 60 })));
  await pass(50_000);
  expect(one("Job", "short")).toBeDefined();
  await pass(30_000);
  expect([...all("Job"), ...all("Pod")]).toEqual([]);
});

test("a CronJob makes a Job at each of its times and keeps the last three", async () => {
  const { pass, apply, one, all, sim } = createTestCluster();
  await pass(30_000);
  await apply(CRONJOBS, cronJob("tick", "*/5 * * * *"));
  await pass(31 * 60_000);
  expect(all("Job").map(({ metadata }) => metadata.name)).toEqual(
    [20, 25, 30].map((minute) => `tick-${Math.floor(sim.startMs / 60_000) + minute}`),
  );
  expect(all("Job").every((one) => isConditionTrue(one, "Complete"))).toBe(true);
  expect(one("CronJob", "tick")?.status).toMatchObject({ lastScheduleTime: "2026-06-24T16:30:00Z" });
  expect(one("CronJob", "tick")?.status?.["active"]).toBeUndefined();
  expect(all("Pod")).toHaveLength(3);
});

test("a CronJob that forbids it starts nothing beside a Job that runs", async () => {
  const { pass, apply, all } = createTestCluster();
  await pass(30_000);
  const slow = cronJob("slow", "* * * * *", { concurrencyPolicy: "Forbid" });
  await apply(CRONJOBS, { ...slow, spec: { ...slow.spec, jobTemplate: { spec: jobSpec(150_000) } } });
  let most = 0;
  for (let minute = 0; minute < 12; minute += 1) {
    await pass(60_000);
    most = Math.max(most, all("Job").filter((one) => numberAt(one, 0, "status", "active") > 0).length);
  }
  expect(most).toBe(1);
  expect(all("Job").length).toBeGreaterThanOrEqual(3);
});

test("above a frozen cache no Job runs and lastScheduleTime stands still; afterwards the last missed time is made up for", async () => {
  const { pass, apply, one, running, leader } = createTestCluster();
  await pass(30_000);
  await apply(CRONJOBS, cronJob("tick", "*/5 * * * *"));
  await pass(16 * 60_000);
  const thaw = leader()?.apiserver.freeze();
  await pass(44 * 60_000);
  // The first time after the freeze could still be written: the CronJob that is known was the newest.
  expect(one("CronJob", "tick")?.status).toMatchObject({ lastScheduleTime: "2026-06-24T16:20:00Z" });
  expect(running()).toEqual([]);
  thaw?.();
  await pass(20 * 60_000);
  const last = textAt(one("CronJob", "tick"), "status", "lastScheduleTime");
  expect(last >= "2026-06-24T17:10:00Z").toBe(true);
});
