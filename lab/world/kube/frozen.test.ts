import { describe, expect, test } from "vitest";
import { RELEASES } from "../releases.ts";
import { createInformer } from "./informer.ts";
import { field } from "./object.ts";
import { createTestWorld, READY_MS, type TestNode, type TestWorld } from "./test-world.ts";

const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";
const LEASES = "/apis/coordination.k8s.io/v1/leases";
const CACHE = { resourceVersion: "0" };

async function readyWorld(options: Parameters<typeof createTestWorld>[0] = {}): Promise<TestWorld> {
  const world = createTestWorld(options);
  await world.pass(READY_MS);
  return world;
}

const make = (world: TestWorld, name: string) =>
  world.send("POST", CONFIGMAPS, { metadata: { name }, data: { x: "0" } });

async function revisionOf(world: TestWorld, path: string, query: Readonly<Record<string, string>>, node?: TestNode) {
  const answer = await world.get(path, query, node);
  return {
    status: answer?.status,
    revision: Number(field(answer?.body, "metadata", "resourceVersion")),
    ms: answer?.latencyMs,
  };
}

async function frozenWorld(release: (typeof RELEASES)[keyof typeof RELEASES] = RELEASES["1.35"]): Promise<TestWorld> {
  const world = await readyWorld({ nodes: 2, release });
  await make(world, "a");
  await world.pass(100);
  world.node.datastore.isFeedDead = true;
  await world.send("PUT", `${CONFIGMAPS}/a`, { metadata: { name: "a" }, data: { x: "1" } });
  return world;
}

describe("which revision comes back", () => {
  test("an idle resource's RV=0 LIST stands still; an unset LIST is the store's, and moves the cache with it", async () => {
    const world = await readyWorld();
    const before = await revisionOf(world, "/api/v1/nodes", CACHE);
    await make(world, "a");
    await world.pass(30_000);
    expect(await revisionOf(world, "/api/v1/nodes", CACHE)).toMatchObject({ revision: before.revision });
    const latest = await revisionOf(world, "/api/v1/nodes", {});
    expect(latest.revision).toBe(world.store.revision);
    expect(latest.ms).toBeLessThan(50);
    expect(await revisionOf(world, "/api/v1/nodes", CACHE)).toMatchObject({ revision: latest.revision });
    expect((await revisionOf(world, "/api/v1/secrets", CACHE)).revision).toBeLessThan(latest.revision);
  });

  test("a GET gives the object's own revision in both modes", async () => {
    const world = await readyWorld();
    const created = await make(world, "a");
    const revision = Number(field(created?.body, "metadata", "resourceVersion"));
    await make(world, "b");
    expect(await revisionOf(world, `${CONFIGMAPS}/a`, {})).toMatchObject({ revision });
    expect(await revisionOf(world, `${CONFIGMAPS}/a`, CACHE)).toMatchObject({ revision });
  });

  test("an exact revision waits for the cache, and is too large after 3 s", async () => {
    const world = await readyWorld();
    const soon = world.store.revision + 1;
    world.sim.after(500, () =>
      world.node.apiserver.request(
        world.client,
        { method: "POST", path: CONFIGMAPS, body: { metadata: { name: "a" } } },
        () => undefined,
        () => undefined,
      ),
    );
    expect(await revisionOf(world, CONFIGMAPS, { resourceVersion: String(soon) })).toMatchObject({ status: 200 });
    const far = await world.get(CONFIGMAPS, { resourceVersion: "99999" });
    expect(far).toMatchObject({
      status: 504,
      body: { reason: "Timeout", details: { causes: [{ reason: "ResourceVersionTooLarge" }] } },
    });
    expect(field(far?.body, "message")).toMatch(/^Timeout: Too large resource version: 99999, current: \d+$/);
    expect(far?.latencyMs).toBeGreaterThanOrEqual(3000);
  });
});

describe("a dead feed", () => {
  test("freezes RV=0 and leaves all else green: GET fresh, LIST 3.02 s late, writes quick, health ok", async () => {
    const world = await frozenWorld();
    expect(field((await world.get(`${CONFIGMAPS}/a`, CACHE))?.body, "data", "x")).toBe("0");
    expect(field((await world.get(`${CONFIGMAPS}/a`))?.body, "data", "x")).toBe("1");
    const cached = await revisionOf(world, CONFIGMAPS, CACHE);
    expect(cached.ms).toBeLessThan(50);
    const latest = await revisionOf(world, CONFIGMAPS, {});
    expect(latest.revision).toBe(world.store.revision);
    expect(latest.revision).toBeGreaterThan(cached.revision);
    expect(latest.ms).toBeGreaterThanOrEqual(3000);
    expect(latest.ms).toBeLessThan(3100);
    expect(await make(world, "b")).toMatchObject({ status: 201 });
    expect(await world.get("/readyz")).toMatchObject({ status: 200, body: "ok" });
    expect(await world.get("/livez")).toMatchObject({ status: 200 });
    expect((await revisionOf(world, CONFIGMAPS, CACHE)).revision).toBe(cached.revision);
    const [, other] = world.nodes;
    expect(await revisionOf(world, CONFIGMAPS, {}, other)).toMatchObject({
      status: 200,
      revision: world.store.revision,
    });
    expect((await revisionOf(world, CONFIGMAPS, {}, other)).ms).toBeLessThan(50);
    expect(world.node.lines).toEqual([]);
  });

  test("shows in the metrics: a revision that stands still and reads that fell back", async () => {
    const world = await frozenWorld();
    await world.get(CONFIGMAPS);
    const text = String((await world.get("/metrics"))?.body);
    expect(text).toMatch(/consistent_read_total\{fallback="true",group="",resource="configmaps",success="true"\} 1\n/);
    expect(text).toMatch(/read_wait_seconds_sum\{group="",resource="configmaps"\} 3\n/);
    expect(world.node.lines.join()).toMatch(/W0624 .*kine\.sock.*(closed network connection|operation was canceled)/);
  });

  test("is not noticed by an unset LIST of a release that always lists from the store", async () => {
    const world = await frozenWorld(RELEASES["1.33"]);
    const latest = await revisionOf(world, CONFIGMAPS, {});
    expect(latest).toMatchObject({ revision: world.store.revision });
    expect(latest.ms).toBeLessThan(50);
  });

  test("ends unset LISTs with 504 where the release does not fall back", async () => {
    const world = await readyWorld({ release: { ...RELEASES["1.36"], listFallsBack: false } });
    world.node.datastore.isFeedDead = true;
    await make(world, "a");
    expect(await world.get(CONFIGMAPS)).toMatchObject({ status: 504 });
  });

  test("keeps informers frozen over all their re-watches, with bookmarks that do not move", async () => {
    const world = await frozenWorld();
    const seen: string[] = [];
    const informer = createInformer({
      sim: world.sim,
      process: world.node.kubelite,
      apiserver: world.node.apiserver,
      resource: "configmaps",
      onAdd: ({ metadata }) => seen.push(metadata.name),
    });
    const marks: unknown[] = [];
    world.node.apiserver.watch(
      world.client,
      CONFIGMAPS,
      { allowWatchBookmarks: "true", ...CACHE },
      {
        onEvent: (type, object) =>
          type === "BOOKMARK" ? marks.push(field(object, "metadata", "resourceVersion")) : null,
        onEnd: () => marks.push("end"),
      },
    );
    await world.pass(20 * 60_000);
    await make(world, "late");
    await world.pass(20 * 60_000);
    expect(informer.hasSynced).toBe(true);
    expect(seen).toEqual(["a"]);
    expect(marks).toHaveLength(40);
    expect(new Set(marks).size).toBe(1);
  });

  test("is cured by a restart of the datastore alone, within seconds, without a line about watches", async () => {
    const world = await frozenWorld();
    world.node.datastore.down();
    await world.pass(6500);
    world.node.datastore.up();
    await world.pass(3600);
    expect(field((await world.get(`${CONFIGMAPS}/a`, CACHE))?.body, "data", "x")).toBe("1");
    expect(world.node.lines.filter((line) => !line.includes("connection refused"))).toEqual([]);
  });

  test("takes a newly started apiserver down with it after 38 or 68 s, by the hook that gives up first", async () => {
    const world = await frozenWorld();
    const seen = new Set<string>();
    for (let start = 0; start < 8; start += 1) {
      world.node.kubelite.end({ code: "killed", signal: "TERM" });
      world.node.boot();
      const startedAtMs = world.sim.nowMs();
      const ends: unknown[] = [];
      world.node.kubelite.onEnd((how) => ends.push(how, world.sim.nowMs() - startedAtMs));
      await world.pass(37_900);
      expect(await world.get("/readyz")).toMatchObject({ status: 500 });
      expect(ends).toEqual([]);
      await world.pass(30_200);
      const line = world.node.lines.at(-1) ?? "";
      const isRoles = line.includes("rbac/bootstrap-roles");
      expect(ends).toEqual([{ code: "exited", status: 255 }, isRoles ? 38_000 : 68_000]);
      expect(line).toMatch(
        isRoles
          ? /F0624 .* hooks\.go:203\] PostStartHook "rbac\/bootstrap-roles" failed: unable to initialize roles: timed out waiting for the condition$/
          : /F0624 .* hooks\.go:203\] PostStartHook "start-service-ip-repair-controllers" failed: unable to perform initial IP and Port allocation check$/,
      );
      expect(world.node.apiserver.cacheRevisions().size).toBe(0);
      seen.add(isRoles ? "roles" : "ip-repair");
    }
    expect(seen.size).toBe(2);
  });
});

describe("one mute stream", () => {
  test("freezes one resource and leaves the others alive, and a new stream cures it", async () => {
    const world = await readyWorld();
    world.node.datastore.muted.add("/registry/configmaps/");
    await make(world, "a");
    await world.pass(11_000);
    const cached = await revisionOf(world, CONFIGMAPS, CACHE);
    expect((await revisionOf(world, CONFIGMAPS, {})).revision).toBeGreaterThan(cached.revision);
    const leases = await revisionOf(world, LEASES, CACHE);
    expect(leases.revision).toBeGreaterThan(cached.revision);
    world.node.datastore.muted.clear();
    world.node.datastore.endStreams("connection-reset");
    await world.pass(100);
    expect(await revisionOf(world, CONFIGMAPS, CACHE)).toMatchObject({ revision: world.store.revision });
  });
});

describe("held streams", () => {
  test("deliver all of it at once when they go on", async () => {
    const world = await readyWorld();
    const release = world.node.datastore.holdWatches();
    await make(world, "a");
    await world.pass(145_000);
    expect(await world.get(`${CONFIGMAPS}/a`, CACHE)).toMatchObject({ status: 404 });
    expect(await world.get("/readyz")).toMatchObject({ status: 200 });
    release();
    await world.pass(100);
    expect(await world.get(`${CONFIGMAPS}/a`, CACHE)).toMatchObject({ status: 200 });
  });
});

describe("a store that does not answer", () => {
  test("reads of the cache go on, writes end with 504 after 34 s, health is red after 2 s", async () => {
    const world = await readyWorld();
    await make(world, "a");
    await world.pass(100);
    world.store.latencyMs = null;
    expect((await world.get(`${CONFIGMAPS}/a`, CACHE))?.latencyMs).toBeLessThan(50);
    const health = await world.get("/livez");
    expect(health?.status).toBe(500);
    expect(String(health?.body)).toContain("[-]etcd failed: reason withheld");
    expect(String(health?.body)).not.toContain("etcd-readiness");
    expect(health?.latencyMs).toBeGreaterThanOrEqual(2000);
    expect(String((await world.get("/readyz"))?.body)).toContain("[-]etcd-readiness failed: reason withheld");
    const write = await make(world, "b");
    expect(write).toMatchObject({ status: 504 });
    expect(field(write?.body, "message")).toBe(
      "Timeout: request did not complete within requested timeout - context deadline exceeded",
    );
    expect(write?.latencyMs).toBeGreaterThanOrEqual(34_000);
    expect(write?.latencyMs).toBeLessThan(34_100);
    world.store.latencyMs = 0;
    await world.pass(1000);
    expect(await world.get("/livez")).toMatchObject({ status: 200 });
  });

  test("a refused write is a 500 with the datastore's words", async () => {
    const world = await readyWorld();
    world.store.writeError =
      "create transaction failed for key /registry/configmaps/default/a: exec (try: 500): database is locked";
    const write = await make(world, "a");
    expect(write?.status).toBe(500);
    expect(field(write?.body, "message")).toBe(`rpc error: code = Unknown desc = ${world.store.writeError}`);
    expect(world.node.lines.at(-1)).toMatch(
      /E0624 .*not an metav1\.Status.*: exec \(try: 500\): database is locked" logger=/,
    );
  });
});

describe("a compacted watch", () => {
  test("is tried again for 30 s, then the resource is listed anew and its watchers begin again", async () => {
    const world = await readyWorld();
    let relists = 0;
    const informer = createInformer({
      sim: world.sim,
      process: world.node.kubelite,
      apiserver: world.node.apiserver,
      resource: "configmaps",
      onAdd: () => (relists += 1),
    });
    await world.pass(1000);
    world.node.datastore.down();
    await make({ ...world, node: world.node }, "never").catch(() => null);
    world.store.revision += 10;
    world.store.compactedRevision = world.store.revision;
    world.node.datastore.up();
    await world.pass(3000);
    expect(world.node.lines.join("\n")).toContain(
      "watch chan error: etcdserver: mvcc: required revision has been compacted",
    );
    expect(world.node.lines.join("\n")).not.toContain("reinitializing");
    await world.pass(33_000);
    expect(world.node.lines.join("\n")).toContain("cacher (configmaps): unexpected ListAndWatch error: ");
    await make(world, "b");
    await world.pass(5000);
    expect(await world.get(`${CONFIGMAPS}/b`, CACHE)).toMatchObject({ status: 200 });
    expect(informer.get("default", "b")).toBeDefined();
    expect(relists).toBeGreaterThan(0);
  });
});
