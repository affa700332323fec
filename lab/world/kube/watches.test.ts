import { describe, expect, test } from "vitest";
import { createProcess } from "../process.ts";
import { field } from "./object.ts";
import { createTestWorld, READY_MS, type TestWorld } from "./test-world.ts";

const CONFIGMAPS = "/api/v1/namespaces/shop/configmaps";
const MERGE = "application/merge-patch+json";

async function ready(): Promise<TestWorld> {
  const world = createTestWorld();
  await world.pass(READY_MS);
  return world;
}

const make = (world: TestWorld, name: string, labels: Readonly<Record<string, string>> = {}) =>
  world.send("POST", CONFIGMAPS, { metadata: { name, labels } });

function watch(
  world: TestWorld,
  query: Readonly<Record<string, string>> = {},
  path = CONFIGMAPS,
  client = world.client,
) {
  const seen: string[] = [];
  const close = world.node.apiserver.watch(client, path, query, {
    onEvent: (type, object) =>
      seen.push(`${type} ${String(field(object, "metadata", "name") ?? field(object, "code") ?? "")}`.trim()),
    onEnd: (reason) => seen.push(`end ${reason}`),
  });
  return { seen, close };
}

test("a WATCH begins with what is there, or after a revision with what came since", async () => {
  const world = await ready();
  const made = await make(world, "a");
  await make(world, "b");
  const all = watch(world, { resourceVersion: "0" });
  const since = watch(world, { resourceVersion: String(field(made?.body, "metadata", "resourceVersion")) });
  await world.pass(10);
  await world.send("DELETE", `${CONFIGMAPS}/a`);
  await world.pass(10);
  expect(all.seen).toEqual(["ADDED a", "ADDED b", "DELETED a"]);
  expect(since.seen).toEqual(["ADDED b", "DELETED a"]);
  all.close();
  await make(world, "c");
  await world.pass(10);
  expect(all.seen).toHaveLength(3);
  expect(since.seen).toEqual(["ADDED b", "DELETED a", "ADDED c"]);
});

test("what comes to fit a selector is added, what no longer fits is deleted", async () => {
  const world = await ready();
  await make(world, "a", { on: "0" });
  const { seen } = watch(world, { labelSelector: "on=1" });
  const set = (on: string) => world.send("PATCH", `${CONFIGMAPS}/a`, { metadata: { labels: { on } } }, MERGE);
  await set("1");
  await world.send("PATCH", `${CONFIGMAPS}/a`, { data: { x: "1" } }, MERGE);
  await set("0");
  await set("2");
  await world.pass(10);
  expect(seen).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
});

test("a revision that the history has lost is told with 410, one in the future waits", async () => {
  const world = await ready();
  expect(world.store.revision).toBeGreaterThan(2);
  const old = watch(world, { resourceVersion: "1" }, "/api/v1/namespaces/shop/secrets");
  const ahead = watch(world, { resourceVersion: String(world.store.revision + 1) });
  await make(world, "a");
  await make(world, "b");
  await world.pass(10);
  expect(ahead.seen).toEqual(["ADDED b"]);
  expect(old.seen).toEqual([]);
  for (let written = 0; written < 250; written += 1) {
    await world.send("PATCH", `${CONFIGMAPS}/a`, { data: { x: String(written) } }, MERGE);
    await world.pass(1000);
  }
  const late = watch(world, { resourceVersion: "5" });
  await world.pass(10);
  expect(late.seen).toEqual(["ERROR 410", "end HTTP 410"]);
});

test("a WATCH ends with its time, with its server, or at once when nothing listens", async () => {
  const world = await ready();
  const timed = watch(world, { timeoutSeconds: "5" });
  const open = watch(world);
  await world.pass(5010);
  expect(timed.seen).toEqual(["end timeout"]);
  world.node.kubelite.end({ code: "killed", signal: "KILL" });
  await world.pass(10);
  expect(open.seen).toEqual(["end connection-reset"]);
  const refused = watch(world);
  await world.pass(10);
  expect(refused.seen).toEqual(["end connection-refused"]);
});

test("what happens during a partition arrives after it, in order", async () => {
  const world = await ready();
  const local = createProcess(world.sim, { node: "k8s01", program: "curl", pid: 9 });
  const { seen } = watch(world);
  await world.pass(10);
  world.network.cut("k8s01", "ops");
  for (const name of ["a", "b"]) {
    world.node.apiserver.request(
      local,
      { method: "POST", path: CONFIGMAPS, body: { metadata: { name } } },
      () => undefined,
      () => undefined,
    );
    await world.pass(1000);
  }
  expect(seen).toEqual([]);
  world.network.heal("k8s01", "ops");
  await world.pass(10);
  expect(seen).toEqual(["ADDED a", "ADDED b"]);
});

test("a paused apiserver tells nothing, and all of it when it goes on", async () => {
  const world = await ready();
  const { seen } = watch(world);
  await world.pass(10);
  await make(world, "a");
  world.node.kubelite.pause();
  expect(await world.ask({ method: "GET", path: "/readyz" }, { limitMs: 5000 })).toBeNull();
  world.node.kubelite.resume();
  await world.pass(10);
  expect(seen).toEqual(["ADDED a"]);
});

describe("events", () => {
  test("are watched without a watch cache of their own", async () => {
    const world = await ready();
    const path = "/api/v1/namespaces/shop/events";
    await world.send("POST", path, { metadata: { name: "one" }, reason: "Killing" });
    const { seen } = watch(world, { resourceVersion: "0" }, path);
    await world.pass(200);
    await world.send("POST", path, { metadata: { name: "two" }, reason: "Killing" });
    await world.pass(10);
    expect(seen).toEqual(["ADDED one", "ADDED two"]);
  });
});

test("a path that does not exist is told with 404", async () => {
  const world = await ready();
  const { seen } = watch(world, {}, "/api/v1/nothing");
  await world.pass(10);
  expect(seen).toEqual(["ERROR 404", "end HTTP 404"]);
});
