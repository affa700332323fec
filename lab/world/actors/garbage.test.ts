import { expect, test } from "vitest";
import { createTestWorld } from "./test-world.ts";

const WEB = "/apis/apps/v1/namespaces/shop/deployments/web";

async function setUp() {
  const lab = await createTestWorld("small");
  const named = (kind: string, name: string) =>
    lab.all(kind).filter(({ metadata }) => metadata.namespace === "shop" && metadata.name.startsWith(name));
  const remove = (path: string, propagationPolicy: string) =>
    lab.send({ method: "DELETE", path, body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy } });
  return { ...lab, named, remove };
}

test("a Deployment deleted in the background takes its ReplicaSet and pods along, after it", async () => {
  const { remove, named, pass } = await setUp();
  await remove(WEB, "Background");
  expect(named("deployments", "web")).toEqual([]);
  await pass(15_000);
  expect([...named("replicasets", "web"), ...named("pods", "web")]).toEqual([]);
});

test("deleted in the foreground, it goes last", async () => {
  const { remove, named, pass } = await setUp();
  await remove(WEB, "Foreground");
  expect(named("deployments", "web")).toHaveLength(1);
  await pass(30_000);
  expect([...named("deployments", "web"), ...named("replicasets", "web"), ...named("pods", "web")]).toEqual([]);
});

test("deleted as an orphaning one, its ReplicaSet and pods stay", async () => {
  const { remove, named, pass } = await setUp();
  await remove(WEB, "Orphan");
  await pass(30_000);
  expect(named("deployments", "web")).toEqual([]);
  expect(named("replicasets", "web")).toHaveLength(1);
  expect(named("replicasets", "web")[0]?.metadata.ownerReferences ?? []).toEqual([]);
  expect(named("pods", "web")).toHaveLength(3);
});

test("a namespace that is deleted is emptied and then gone; other namespaces stay as they are", async () => {
  const { send, all, pass } = await setUp();
  const others = () => all("pods").filter(({ metadata }) => metadata.namespace !== "shop").length;
  const before = others();
  await send({ method: "DELETE", path: "/api/v1/namespaces/shop" });
  await pass(120_000);
  expect(all("namespaces").map(({ metadata }) => metadata.name)).not.toContain("shop");
  for (const kind of ["deployments", "replicasets", "pods", "jobs", "cronjobs", "services/specs", "endpointslices"]) {
    expect(all(kind).filter(({ metadata }) => metadata.namespace === "shop")).toEqual([]);
  }
  expect(others()).toBe(before);
});

test("a node that is deleted while it is down takes its pods along", async () => {
  const { world, send, all, pass, holder } = await setUp();
  const node = world.nodes.find(({ name }) => name !== holder() && name !== world.dqlite.leader())?.name ?? "";
  const on = () => all("pods").filter((pod) => pod.spec?.["nodeName"] === node).length;
  expect(on()).toBeGreaterThan(0);
  world.node(node).host.powerOff();
  await pass(60_000);
  await send({ method: "DELETE", path: `/api/v1/nodes/${node}` }, holder());
  await pass(120_000);
  expect(on()).toBe(0);
});
