import { expect, test } from "vitest";
import { calicoNodeOf } from "../controllers/calico.ts";
import { isConditionTrue, numberAt, textAt } from "../controllers/values.ts";
import { createTestWorld, START_MS } from "./test-world.ts";
import { startWriteStorm } from "./write-storm.ts";

test("the small workload runs within the warm-up: every Deployment is available, each pod has its route", async () => {
  const { world, all, running } = await createTestWorld("small");
  const deployments = all("deployments");
  expect(deployments.length).toBeGreaterThanOrEqual(6);
  for (const one of deployments) {
    expect(numberAt(one, 0, "status", "availableReplicas")).toBe(numberAt(one, -1, "spec", "replicas"));
  }
  for (const { name, host } of world.nodes) {
    const ours = running().filter((pod) => textAt(pod, "spec", "nodeName") === name);
    expect(ours.length).toBeGreaterThan(0);
    expect([...(calicoNodeOf(host)?.routes.keys() ?? [])].sort(byText)).toEqual(
      ours.map((pod) => textAt(pod, "status", "podIP")).sort(byText),
    );
  }
});

test("an hour of it: CronJobs come and go, hostpath-provisioner renews every 2 s, Events vanish after 5 min", async () => {
  const { pass, all } = await createTestWorld("small");
  const renewed = () => textAt(all("leases/kube-system").find(isHostpath), "spec", "renewTime");
  await pass(3_600_000);
  const reports = all("jobs").filter(({ metadata }) => metadata.name.startsWith("report-"));
  expect(reports).toHaveLength(3);
  expect(reports.every((job) => isConditionTrue(job, "Complete"))).toBe(true);
  const before = renewed();
  await pass(2500);
  expect(renewed() > before).toBe(true);
  const oldest = all("events").map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ""));
  expect(Math.min(...oldest)).toBeGreaterThan(START_MS + 3_600_000 - 310_000);
});

test("the load of the incident review writes half as much again as the small one, and more", async () => {
  const [small, pir] = [await revisions("small"), await revisions("pir")];
  // Most of the small one are heartbeats; all nodes and elections have them either way.
  expect(pir).toBeGreaterThan(small * 1.5);
});

test("a storm writes as fast as asked until it is ended", async () => {
  const { world, pass } = await createTestWorld("idle");
  const end = startWriteStorm(world, { perSecond: 5 });
  const before = world.table.revision;
  await pass(10_000);
  const during = world.table.revision - before;
  expect(during).toBeGreaterThan(130);
  end();
  await pass(400_000);
  const after = world.table.revision;
  await pass(10_000);
  expect(world.table.revision - after).toBeLessThan(40);
});

test("the same seed does the same work, word for word; another seed does it otherwise", async () => {
  const first = await said(3);
  expect(await said(3)).toEqual(first);
  expect(await said(4)).not.toEqual(first);
  expect(first.length).toBeGreaterThan(50);
});

async function said(seed: number): Promise<readonly string[]> {
  const { log, pass, all } = await createTestWorld("pir", seed);
  await pass(300_000);
  return [...log, ...[...all("pods"), ...all("events")].map((object) => JSON.stringify(object))];
}

async function revisions(workload: "small" | "pir"): Promise<number> {
  const { world, pass } = await createTestWorld(workload);
  const before = world.table.revision;
  await pass(1_800_000);
  return world.table.revision - before;
}

function isHostpath({ metadata }: { readonly metadata: { readonly name: string } }): boolean {
  return metadata.name === "microk8s.io-hostpath";
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
