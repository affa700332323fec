import { expect, test } from "vitest";
import { UNITS } from "../../world.ts";
import { createTestCluster, DEPLOYMENTS, deployment } from "../test-cluster.ts";
import { conditionOf, itemsAt, textAt } from "../values.ts";

async function setUp() {
  const cluster = createTestCluster();
  await cluster.pass(30_000);
  await cluster.apply(DEPLOYMENTS, deployment("web", 3));
  await cluster.pass(20_000);
  const ready = (name: string) => {
    const node = cluster.one("Node", name);
    return node === undefined ? "" : textAt(conditionOf(node, "Ready"), "status");
  };
  const follower = cluster.nodes.find(
    ({ name }) => name !== cluster.holder() && name !== cluster.holder("kube-scheduler"),
  );
  if (follower === undefined) throw new Error("all nodes lead something");
  return { ...cluster, ready, follower };
}

test("a node whose kubelite is stopped becomes Unknown after its grace period, and Ready soon after its start", async () => {
  const { pass, ready, follower, one, running } = await setUp();
  follower.host.systemd.stop(UNITS.kubelite, "operator");
  await pass(35_000);
  expect(ready(follower.name)).toBe("True");
  await pass(25_000);
  expect(ready(follower.name)).toBe("Unknown");
  expect(itemsAt(one("Node", follower.name), "spec", "taints").map(({ effect }) => effect)).toEqual([
    "NoSchedule",
    "NoExecute",
  ]);
  const away = running().find((pod) => textAt(pod, "spec", "nodeName") === follower.name);
  expect(textAt(away === undefined ? undefined : conditionOf(away, "Ready"), "status")).toBe("False");
  follower.start();
  await pass(30_000);
  expect(ready(follower.name)).toBe("True");
  expect(itemsAt(one("Node", follower.name), "spec", "taints")).toEqual([]);
  expect(running().every((pod) => textAt(conditionOf(pod, "Ready"), "status") === "True")).toBe(true);
});

test("pods of a node that is away for more than 5 min are replaced elsewhere, not before", async () => {
  const { pass, follower, running, all } = await setUp();
  const away = () =>
    running().filter(
      (pod) => textAt(pod, "spec", "nodeName") === follower.name && pod.metadata.deletionTimestamp === undefined,
    );
  expect(away()).toHaveLength(1);
  follower.host.powerOff();
  await pass(300_000);
  expect(away()).toHaveLength(1);
  await pass(60_000);
  expect(away()).toHaveLength(0);
  expect(
    all("Pod").filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && textAt(pod, "status", "phase") === "Running",
    ),
  ).toHaveLength(3);
});

test("above a frozen cache it marks healthy nodes NotReady once, which their kubelets take back", async () => {
  const { pass, leader, ready, nodes } = await setUp();
  leader()?.apiserver.freeze();
  const seen = new Set<string>();
  for (let second = 0; second < 900; second += 1) {
    await pass(1000);
    for (const { name } of nodes)
      if (ready(name) === "Unknown") seen.add(`${name} in minute ${Math.floor(second / 60)}`);
  }
  expect([...seen].some((text) => text.endsWith("minute 0"))).toBe(true);
  // Its own node's kubelet sees nothing of it before its next report, 5 min after the last one.
  expect([...seen].filter((text) => Number(text.split(" ").at(-1)) > 5)).toEqual([]);
  expect(nodes.map(({ name }) => ready(name))).toEqual(["True", "True", "True"]);
});

test("above a cache that has been frozen for a while it never notices a node that dies", async () => {
  const { pass, leader, ready, follower } = await setUp();
  leader()?.apiserver.freeze();
  await pass(600_000);
  follower.host.powerOff();
  await pass(1_200_000);
  expect(ready(follower.name)).toBe("True");
});
