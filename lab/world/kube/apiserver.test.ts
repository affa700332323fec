import { describe, expect, test } from "vitest";
import { field } from "./object.ts";
import { createTestWorld, READY_MS } from "./test-world.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";

describe("a start", () => {
  test("refuses, then answers unready, then is ready within 4 s, and says who it is", async () => {
    const world = createTestWorld();
    expect(await world.get("/readyz")).toMatchObject({ status: 0, body: "connection-refused" });
    await world.pass(1500);
    expect(await world.get("/readyz")).toMatchObject({ status: 500 });
    await world.pass(2600);
    expect(await world.get("/readyz")).toMatchObject({ status: 200, body: "ok" });
    await world.pass(20_000);
    const leases = await world.get(LEASES);
    expect(field(leases?.body, "items")).toHaveLength(1);
  });
});

describe("objects", () => {
  test("are created with what Kubernetes gives them, read, updated once per revision, and deleted", async () => {
    const world = createTestWorld();
    await world.pass(READY_MS);
    const created = await world.send("POST", CONFIGMAPS, { metadata: { generateName: "a-" }, data: { x: "1" } });
    expect(created?.status).toBe(201);
    const name = String(field(created?.body, "metadata", "name"));
    expect(name).toMatch(/^a-[a-z0-9]{5}$/);
    const path = `${CONFIGMAPS}/${name}`;
    const read = await world.get(path);
    expect(read?.body).toEqual(created?.body);
    expect(await world.send("PUT", path, { ...(read?.body as object), data: { x: "2" } })).toMatchObject({
      status: 200,
    });
    expect(await world.send("PUT", path, { ...(read?.body as object), data: { x: "3" } })).toMatchObject({
      status: 409,
      body: {
        reason: "Conflict",
        message: `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      },
    });
    expect(await world.send("DELETE", path)).toMatchObject({ status: 200, body: { status: "Success" } });
    expect(await world.get(path)).toMatchObject({ status: 404, body: { message: `configmaps "${name}" not found` } });
  });
});
