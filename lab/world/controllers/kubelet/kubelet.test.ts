import { expect, test } from "vitest";
import { UNITS } from "../../world.ts";
import { startCalicoNode } from "../calico.ts";
import { servicesOf } from "../kube-proxy.ts";
import { createTestCluster, DEPLOYMENTS, deployment } from "../test-cluster.ts";
import { conditionOf, textAt } from "../values.ts";
import { containerdOf } from "./containerd.ts";

async function setUp() {
  const cluster = createTestCluster();
  await cluster.pass(30_000);
  await cluster.apply(DEPLOYMENTS, deployment("web", 3));
  await cluster.pass(20_000);
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error("no node");
  const podsOf = (name: string) => cluster.all("Pod").filter((pod) => textAt(pod, "spec", "nodeName") === name);
  const readyText = (name: string) => {
    const node = cluster.one("Node", name);
    return node === undefined ? undefined : conditionOf(node, "Ready");
  };
  return { ...cluster, first, podsOf, readyText };
}

test("a container runtime that hangs for 3 min makes its node NotReady, with PLEG's line, and nothing else does", async () => {
  const { pass, first, readyText, sim } = await setUp();
  containerdOf(sim, first.host).setHung(true);
  const startedAtMs = sim.nowMs();
  const lines = () =>
    first.host.journal
      .read({ fromMs: startedAtMs })
      .filter(({ fields }) => fields["MESSAGE"]?.includes("PLEG") === true);
  await pass(175_000);
  expect([textAt(readyText(first.name), "status"), lines().length]).toEqual(["True", 0]);
  await pass(15_000);
  expect(textAt(readyText(first.name), "status")).toBe("False");
  expect(lines()[0]?.fields["MESSAGE"]).toMatch(
    /PLEG is not healthy: pleg was last seen active 3m[\d.]+s ago; threshold is 3m0s/,
  );
  containerdOf(sim, first.host).setHung(false);
  await pass(5000);
  expect(textAt(readyText(first.name), "status")).toBe("True");
  const count = lines().length;
  await pass(60_000);
  expect(lines()).toHaveLength(count);
});

test("a runtime that hangs starts nothing; what waited runs when it goes on", async () => {
  const { pass, first, send, podsOf, sim } = await setUp();
  containerdOf(sim, first.host).setHung(true);
  await send({ method: "PATCH", path: `${DEPLOYMENTS}/web`, body: { spec: { replicas: 6 } } });
  await pass(30_000);
  const phases = () =>
    podsOf(first.name)
      .map((pod) => textAt(pod, "status", "phase"))
      .sort((a, b) => (a < b ? -1 : 1));
  expect(phases()).toEqual(["Pending", "Running"]);
  containerdOf(sim, first.host).setHung(false);
  await pass(5000);
  expect(phases()).toEqual(["Running", "Running"]);
});

test("after a power loss the node's pods run again with new addresses, and under the same names", async () => {
  const { pass, first, podsOf } = await setUp();
  const before = podsOf(first.name);
  first.host.powerOff();
  await pass(20_000);
  first.host.powerOn(30_000);
  await pass(90_000);
  const after = podsOf(first.name);
  expect(after.map(({ metadata }) => metadata.name)).toEqual(before.map(({ metadata }) => metadata.name));
  expect(after.map((pod) => textAt(pod, "status", "phase"))).toEqual(["Running"]);
  expect(after.every((pod) => textAt(conditionOf(pod, "Ready"), "status") === "True")).toBe(true);
});

test("a frozen kubelet starts no pod that it does not see, while its heartbeats go on", async () => {
  const { pass, nodes, send, podsOf, one, holder } = await setUp();
  const leading = new Set([holder(), holder("kube-scheduler")]);
  const at = nodes.findIndex(({ name }) => !leading.has(name));
  const { name = "", apiserver } = nodes[at] ?? {};
  apiserver?.freeze();
  const renewed = textAt(one("Lease", name), "spec", "renewTime");
  await send({ method: "PATCH", path: `${DEPLOYMENTS}/web`, body: { spec: { replicas: 6 } } });
  await pass(60_000);
  expect(podsOf(name).map((pod) => textAt(pod, "status", "phase"))).toEqual(["Running", "Pending"]);
  expect(textAt(one("Lease", name), "spec", "renewTime") > renewed).toBe(true);
});

test("calico writes a route for each pod of its node, as long as the cache below it is fresh", async () => {
  const { pass, first, send, podsOf, nodes, sim } = await setUp();
  const calico = startCalicoNode({ sim, host: first.host, apiservers: nodes.map(({ apiserver }) => apiserver) });
  await pass(1000);
  const addresses = () => podsOf(first.name).map((pod) => textAt(pod, "status", "podIP"));
  expect([...calico.routes.keys()]).toEqual(addresses());
  expect([...calico.routes.values()].every((device) => device.startsWith("cali"))).toBe(true);
  const below = nodes.find(({ name }) => name === calico.apiserver);
  const thaw = below?.apiserver.freeze();
  await send({ method: "PATCH", path: `${DEPLOYMENTS}/web`, body: { spec: { replicas: 6 } } });
  await pass(10_000);
  expect(calico.routes.size).toBe(1);
  thaw?.();
  await pass(10_000);
  expect([...calico.routes.keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual(
    addresses().sort((a, b) => (a < b ? -1 : 1)),
  );
  expect(calico.routes.size).toBe(2);
});

test("kube-proxy sends a Service to its ready pods", async () => {
  const { pass, apply, nodes, running } = await setUp();
  await apply("/api/v1/namespaces/default/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  await pass(5000);
  const addresses = running()
    .map((pod) => textAt(pod, "status", "podIP"))
    .sort((a, b) => (a < b ? -1 : 1));
  for (const { host } of nodes) {
    expect([...(servicesOf(host).get("default/web") ?? [])].sort((a, b) => (a < b ? -1 : 1))).toEqual(addresses);
  }
  expect(addresses).toHaveLength(3);
});

test("what was deleted while no kubelet was there is ended by the next one", async () => {
  const { pass, first, send, podsOf, sim } = await setUp();
  const [pod] = podsOf(first.name);
  const { host } = first;
  host.systemd.stop(UNITS.kubelite, "operator");
  await pass(3000);
  await send(
    {
      method: "DELETE",
      path: `/api/v1/namespaces/default/pods/${pod?.metadata.name}`,
      body: { gracePeriodSeconds: 0 },
    },
    1,
  );
  expect(containerdOf(sim, host).containers.has(pod?.metadata.uid ?? "")).toBe(true);
  first.start();
  await pass(20_000);
  expect(containerdOf(sim, host).containers.has(pod?.metadata.uid ?? "")).toBe(false);
});
