import { expect, test } from "vitest";
import { numberAt, textAt } from "../values.ts";
import { createTestCluster, DEPLOYMENTS, deployment } from "../test-cluster.ts";

test("a Deployment is 2/2 in seconds on a healthy cluster, its pods spread over the nodes", async () => {
  const { pass, apply, one, running } = createTestCluster();
  await pass(30_000);
  await apply(DEPLOYMENTS, deployment("web", 2));
  await pass(6000);
  expect(one("Deployment", "web")?.status).toMatchObject({ replicas: 2, availableReplicas: 2, observedGeneration: 1 });
  expect(new Set(running().map((pod) => pod.spec?.["nodeName"])).size).toBe(2);
  expect(new Set(running().map((pod) => pod.status?.["podIP"])).size).toBe(2);
});

test("above a frozen cache the holder renews its Lease and creates nothing; all of it happens within a second after", async () => {
  const { pass, apply, one, all, leader } = createTestCluster();
  await pass(30_000);
  const node = leader();
  const thaw = node?.apiserver.freeze();
  await apply(DEPLOYMENTS, deployment("web", 2));
  const renewed = textAt(one("Lease", "kube-controller-manager"), "spec", "renewTime");
  await pass(140_000);
  expect(one("Deployment", "web")?.status).toBeUndefined();
  expect(all("ReplicaSet")).toEqual([]);
  expect(textAt(one("Lease", "kube-controller-manager"), "spec", "renewTime") > renewed).toBe(true);
  expect(leader()).toBe(node);
  thaw?.();
  await pass(1000);
  expect(all("Pod")).toHaveLength(2);
});

test("a rollout moves one replica at a time, is never short of available pods, and ends with one ReplicaSet in use", async () => {
  const { pass, apply, send, one, all, running } = createTestCluster();
  await pass(30_000);
  await apply(DEPLOYMENTS, deployment("web", 3));
  await pass(10_000);
  const body = { spec: { template: deployment("web", 3, "2").spec?.["template"] ?? null } };
  await send({ method: "PATCH", path: `${DEPLOYMENTS}/web`, body });
  let fewest = 3;
  let most = 3;
  for (let second = 0; second < 60; second += 1) {
    await pass(1000);
    fewest = Math.min(fewest, running().length);
    most = Math.max(most, running().length);
  }
  expect(fewest).toBeGreaterThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(5);
  expect(new Set(all("ReplicaSet").map((one) => numberAt(one, -1, "spec", "replicas")))).toEqual(new Set([0, 3]));
  expect(one("Deployment", "web")?.status).toMatchObject({
    observedGeneration: 2,
    updatedReplicas: 3,
    availableReplicas: 3,
  });
});

test("scaling down deletes pods, deleting the Deployment deletes all that it owned", async () => {
  const { pass, apply, send, all } = createTestCluster();
  await pass(30_000);
  await apply(DEPLOYMENTS, deployment("web", 3));
  await pass(10_000);
  await send({ method: "PATCH", path: `${DEPLOYMENTS}/web`, body: { spec: { replicas: 1 } } });
  await pass(5000);
  expect(all("Pod")).toHaveLength(1);
  await send({ method: "DELETE", path: `${DEPLOYMENTS}/web` });
  await pass(10_000);
  expect([...all("ReplicaSet"), ...all("Pod")]).toEqual([]);
});

test("a frozen cache of pods alone does not make the controller create the same pods again and again", async () => {
  const { pass, apply, all, leader } = createTestCluster();
  await pass(30_000);
  leader()?.apiserver.freeze("pods");
  await apply(DEPLOYMENTS, deployment("web", 2));
  await pass(120_000);
  expect(all("Pod")).toHaveLength(2);
});

test("a restarted kubelite finds its pods running and starts none anew", async () => {
  const { pass, apply, nodes, running } = createTestCluster();
  await pass(30_000);
  await apply(DEPLOYMENTS, deployment("web", 3));
  await pass(10_000);
  const before = running().map(({ metadata, status }) => [metadata.name, status?.["podIP"], status?.["startTime"]]);
  for (const { host } of nodes) host.systemd.restart("snap.microk8s.daemon-kubelite", "operator");
  await pass(120_000);
  expect(running().map(({ metadata, status }) => [metadata.name, status?.["podIP"], status?.["startTime"]])).toEqual(
    before,
  );
  expect(before).toHaveLength(3);
});
