import { describe, expect, test } from "vitest";
import type { Json } from "../datastore/datastore.ts";
import { field } from "./object.ts";
import { createTestWorld, READY_MS, type TestWorld } from "./test-world.ts";

const DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments";
const PODS = "/api/v1/namespaces/shop/pods";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";
const MERGE = "application/merge-patch+json";

async function ready(): Promise<TestWorld> {
  const world = createTestWorld();
  await world.pass(READY_MS);
  return world;
}

const deployment = (replicas: number): Json => ({ metadata: { name: "web" }, spec: { replicas } });
const text = (body: Json | undefined, ...path: readonly string[]) => String(field(body, ...path));

describe("creating", () => {
  test("gives uid, time, generation and defaults, and drops a status that was sent", async () => {
    const world = await ready();
    const made = await world.send("POST", DEPLOYMENTS, {
      metadata: { name: "web" },
      spec: {},
      status: { replicas: 9 },
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", namespace: "shop", generation: 1, creationTimestamp: "2026-06-24T15:30:05Z" },
        spec: { replicas: 1 },
        status: {},
      },
    });
    expect(text(made?.body, "metadata", "uid")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(text(made?.body, "metadata", "resourceVersion")).toBe(String(world.store.revision));
  });

  test("of what exists, without a name, or in another namespace is refused", async () => {
    const world = await ready();
    await world.send("POST", DEPLOYMENTS, deployment(1));
    expect(await world.send("POST", DEPLOYMENTS, deployment(1))).toMatchObject({
      status: 409,
      body: { reason: "AlreadyExists", message: 'deployments.apps "web" already exists' },
    });
    expect(await world.send("POST", DEPLOYMENTS, { metadata: {} })).toMatchObject({ status: 422 });
    expect(await world.send("POST", DEPLOYMENTS, { metadata: { name: "x", namespace: "other" } })).toMatchObject({
      status: 400,
      body: { message: "the namespace of the provided object does not match the namespace sent on the request" },
    });
    expect(await world.send("POST", "/apis/apps/v1/deployments", deployment(1))).toMatchObject({ status: 400 });
  });
});

describe("updating", () => {
  test("the spec counts a generation; the status does not, and neither touches the other", async () => {
    const world = await ready();
    const made = await world.send("POST", DEPLOYMENTS, deployment(1));
    const path = `${DEPLOYMENTS}/web`;
    await world.send("PATCH", `${path}/status`, { spec: { replicas: 7 }, status: { replicas: 1 } }, MERGE);
    await world.send("PATCH", path, { spec: { replicas: 3 }, status: { replicas: 8 } }, MERGE);
    await world.send("PATCH", path, { metadata: { labels: { a: "b" } } }, MERGE);
    const now = await world.get(path);
    expect(now?.body).toMatchObject({
      metadata: { generation: 2, uid: text(made?.body, "metadata", "uid"), labels: { a: "b" } },
      spec: { replicas: 3 },
      status: { replicas: 1 },
    });
  });

  test("with nothing new writes nothing", async () => {
    const world = await ready();
    const made = await world.send("POST", DEPLOYMENTS, deployment(1));
    const { revision } = world.store;
    const put = await world.send("PUT", `${DEPLOYMENTS}/web`, made?.body);
    expect(put).toMatchObject({ status: 200 });
    expect(put?.body).toEqual(made?.body);
    expect(world.store.revision).toBe(revision);
  });

  test("of a Lease needs its resourceVersion, and creates it where there is none", async () => {
    const world = await ready();
    const lease = { metadata: { name: "l" }, spec: { holderIdentity: "a" } };
    const made = await world.send("PUT", `${LEASES}/l`, lease);
    expect(made).toMatchObject({ status: 201 });
    expect(await world.send("PUT", `${LEASES}/l`, lease)).toMatchObject({
      status: 422,
      body: {
        message:
          'Lease.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      },
    });
    await world.send("DELETE", `${LEASES}/l`);
    expect(await world.send("PUT", `${LEASES}/l`, made?.body)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("Precondition failed: UID in precondition: ") },
    });
  });

  test("what is not there, or is named otherwise, is refused", async () => {
    const world = await ready();
    expect(await world.send("PATCH", `${DEPLOYMENTS}/web`, {}, MERGE)).toMatchObject({ status: 404 });
    await world.send("POST", DEPLOYMENTS, deployment(1));
    expect(await world.send("PUT", `${DEPLOYMENTS}/web`, { metadata: { name: "x" } })).toMatchObject({ status: 400 });
    expect(await world.send("PUT", DEPLOYMENTS, {})).toMatchObject({ status: 405 });
  });

  test("an apply creates, then changes", async () => {
    const world = await ready();
    const apply = (replicas: number) =>
      world.send("PATCH", `${DEPLOYMENTS}/web`, deployment(replicas), "application/apply-patch+yaml");
    expect(await apply(1)).toMatchObject({ status: 201 });
    expect(await apply(4)).toMatchObject({ status: 200, body: { spec: { replicas: 4 } } });
  });

  test("of two at once through different caches none is lost", async () => {
    const world = createTestWorld({ nodes: 2 });
    await world.pass(READY_MS);
    await world.send("POST", DEPLOYMENTS, deployment(1));
    const [, other] = world.nodes;
    if (other !== undefined) other.datastore.isFeedDead = true;
    const path = `${DEPLOYMENTS}/web`;
    for (const [at, node] of [...world.nodes, ...world.nodes].entries()) {
      const body = { metadata: { annotations: { [`n${at}`]: "x" } } };
      expect(await world.ask({ method: "PATCH", path, body, contentType: MERGE }, { node })).toMatchObject({
        status: 200,
      });
    }
    const now = await world.get(path);
    expect(Object.keys(field(now?.body, "metadata", "annotations") as object)).toEqual(["n0", "n1", "n2", "n3"]);
  });
});

describe("deleting", () => {
  test("a pod on a node is marked for its kubelet, who ends it with no grace", async () => {
    const world = await ready();
    await world.send("POST", PODS, { metadata: { name: "a" }, spec: { nodeName: "k8s01" } });
    expect(await world.send("DELETE", `${PODS}/a`)).toMatchObject({
      status: 200,
      body: { metadata: { deletionTimestamp: "2026-06-24T15:30:05Z", deletionGracePeriodSeconds: 30 } },
    });
    expect(await world.get(`${PODS}/a`)).toMatchObject({ status: 200 });
    await world.send("DELETE", `${PODS}/a`, { gracePeriodSeconds: 0 });
    expect(await world.get(`${PODS}/a`)).toMatchObject({ status: 404 });
    await world.send("POST", PODS, { metadata: { name: "b" }, spec: {} });
    await world.send("DELETE", `${PODS}/b`);
    expect(await world.get(`${PODS}/b`)).toMatchObject({ status: 404 });
  });

  test("in the foreground waits for the garbage collector's finalizer", async () => {
    const world = await ready();
    await world.send("POST", DEPLOYMENTS, deployment(1));
    const path = `${DEPLOYMENTS}/web`;
    await world.send("DELETE", path, { propagationPolicy: "Foreground" });
    expect((await world.get(path))?.body).toMatchObject({ metadata: { finalizers: ["foregroundDeletion"] } });
    await world.send("PATCH", path, { metadata: { finalizers: null } }, MERGE);
    expect(await world.get(path)).toMatchObject({ status: 404 });
  });

  test("of another object of the same name is refused", async () => {
    const world = await ready();
    await world.send("POST", DEPLOYMENTS, deployment(1));
    expect(await world.send("DELETE", `${DEPLOYMENTS}/web`, { preconditions: { uid: "x" } })).toMatchObject({
      status: 409,
    });
    expect(await world.send("DELETE", `${DEPLOYMENTS}/none`)).toMatchObject({ status: 404 });
  });
});

describe("subresources", () => {
  test("binding gives a pod to a node once", async () => {
    const world = await ready();
    await world.send("POST", PODS, { metadata: { name: "a" }, spec: {} });
    const bind = (name: string) =>
      world.send("POST", `${PODS}/a/binding`, { metadata: { name: "a" }, target: { name } });
    expect(await bind("k8s01")).toMatchObject({ status: 201, body: { status: "Success" } });
    expect((await world.get(`${PODS}/a`))?.body).toMatchObject({
      spec: { nodeName: "k8s01" },
      status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "True" }] },
    });
    expect(await bind("k8s02")).toMatchObject({
      status: 409,
      body: { message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "k8s01"' },
    });
  });

  test("scale reads and sets the replicas, as a change of the spec", async () => {
    const world = await ready();
    await world.send("POST", DEPLOYMENTS, deployment(2));
    const path = `${DEPLOYMENTS}/web/scale`;
    expect(await world.get(path)).toMatchObject({ status: 200, body: { kind: "Scale", spec: { replicas: 2 } } });
    expect(await world.send("PATCH", path, { spec: { replicas: 5 } }, MERGE)).toMatchObject({
      body: { kind: "Scale", spec: { replicas: 5 } },
    });
    expect((await world.get(`${DEPLOYMENTS}/web`))?.body).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
    });
  });

  test("eviction deletes; what does not exist is 404", async () => {
    const world = await ready();
    await world.send("POST", PODS, { metadata: { name: "a" }, spec: {} });
    expect(await world.send("POST", `${PODS}/a/eviction`, {})).toMatchObject({ status: 201 });
    expect(await world.get(`${PODS}/a`)).toMatchObject({ status: 404 });
    expect(await world.get(`${PODS}/a/nothing`)).toMatchObject({ status: 404 });
    expect(await world.get("/api/v1/nothing")).toMatchObject({ status: 404 });
    expect(await world.get("/nothing")).toMatchObject({ status: 404, body: "404 page not found\n" });
  });
});

describe("listing", () => {
  test("selects, and refuses what cannot be selected by", async () => {
    const world = await ready();
    for (const name of ["c", "a", "b"])
      await world.send("POST", PODS, {
        metadata: { name, labels: { x: name } },
        spec: name === "b" ? { nodeName: "k8s02" } : {},
      });
    const names = async (query: Readonly<Record<string, string>>, path = PODS) =>
      ((field((await world.get(path, query))?.body, "items") ?? []) as readonly Json[]).map((item) =>
        text(item, "metadata", "name"),
      );
    expect(await names({})).toEqual(["a", "b", "c"]);
    expect(await names({ resourceVersion: "0" }, "/api/v1/pods")).toEqual(["a", "b", "c"]);
    expect(await names({ labelSelector: "x in (a,c)" })).toEqual(["a", "c"]);
    expect(await names({ fieldSelector: "spec.nodeName=k8s02" })).toEqual(["b"]);
    expect(await names({}, "/api/v1/namespaces/quorate-nothing-/pods")).toEqual([]);
    expect(
      await world.get("/apis/batch/v1/jobs", { fieldSelector: "status.conditions[0].type=Complete" }),
    ).toMatchObject({
      status: 400,
      body: { reason: "BadRequest", message: 'field label "status.conditions[0].type" not supported for batchv1.Job' },
    });
  });

  test("goes on page by page, to the end", async () => {
    const world = await ready();
    for (const name of ["a", "b", "c", "d", "e"]) await world.send("POST", PODS, { metadata: { name }, spec: {} });
    const seen: string[] = [];
    let next: Json | undefined;
    do {
      const page = await world.get(PODS, { limit: "2", ...(typeof next === "string" ? { continue: next } : {}) });
      for (const item of field(page?.body, "items") as readonly Json[]) seen.push(text(item, "metadata", "name"));
      next = field(page?.body, "metadata", "continue");
    } while (next !== undefined);
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("of events reads the store, whatever the revision", async () => {
    const world = await ready();
    world.node.datastore.isFeedDead = true;
    await world.send("POST", "/api/v1/namespaces/shop/events", { metadata: { name: "e" }, reason: "Killing" });
    const events = await world.get("/api/v1/events", { resourceVersion: "0", fieldSelector: "reason=Killing" });
    expect(field(events?.body, "items")).toHaveLength(1);
    expect(world.node.apiserver.cacheRevisions().has("events")).toBe(false);
  });
});
