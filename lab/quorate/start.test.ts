import { expect, test } from "vitest";
import { lastOf } from "../../src/core/runbooks/journal.ts";
import { UNITS } from "../world/world.ts";
import type { QuorateEvent } from "./events.ts";
import { createLabRunStore, type LabRunStore } from "./run-store.ts";
import { type Quorate, startQuorate } from "./start.ts";
import { createTestCluster, killFeed, type TestCluster } from "./test-cluster.ts";

interface Scene {
  readonly cluster: TestCluster;
  readonly quorate: Quorate;
  readonly runStore: LabRunStore;
  readonly events: QuorateEvent[];
  readonly restarts: string[];
}

async function scene(
  options: { readonly mode?: "observe" | "recover"; readonly doctorEveryMs?: number } = {},
): Promise<Scene> {
  const cluster = await createTestCluster();
  const { world } = cluster;
  const runStore = createLabRunStore();
  const events: QuorateEvent[] = [];
  const restarts: string[] = [];
  for (const { host } of world.nodes) {
    host.systemd.onChange(
      ({ what, by, node }) => what === "stopping" && by.startsWith("quorate/") && restarts.push(node),
    );
  }
  const quorate = startQuorate({
    sim: world.sim,
    world,
    from: "ops",
    mode: options.mode ?? "recover",
    runStore,
    onEvent: (event) => events.push(event),
    ...(options.doctorEveryMs === undefined ? {} : { doctorEveryMs: options.doctorEveryMs }),
  });
  return { cluster, quorate, runStore, events, restarts };
}

test("a dead feed is named and cured, with one restart, on its own node", async () => {
  const { cluster, quorate, runStore, restarts } = await scene();
  const node = await killFeed(cluster);
  await cluster.pass(180);
  expect(restarts).toEqual([node]);
  expect(lastOf(runStore.runs()[0]?.entries ?? [], "closed")?.result).toBe("cured");
  expect(cluster.world.node(node).datastore.isPollAlive()).toBe(true);
  expect(quorate.ladder?.state).toBe("ok");
});

test("in observe mode it is named and left alone", async () => {
  const { cluster, quorate, restarts } = await scene({ mode: "observe" });
  const node = await killFeed(cluster);
  await cluster.pass(60);
  expect(quorate.ladder?.causes).toMatchObject([{ node, rung: "feed" }]);
  expect(restarts).toEqual([]);
});

test.each([
  [1, false],
  [3, true],
  [4, true],
  [4, false],
  [5, false],
  [7, true],
])("killed at entry %i, kept %s, it finishes what it began: one restart", async (nth, isKept) => {
  const { cluster, quorate, runStore, restarts } = await scene();
  quorate.killAtEntry(nth, isKept);
  const node = await killFeed(cluster);
  const { datastore } = cluster.world.node(node);
  const isDone = () => datastore.isPollAlive() && runStore.runs().every(({ entries }) => lastOf(entries, "closed"));
  for (let waited = 0; waited < 20 && !isDone(); waited += 1) await cluster.pass(20);
  expect(restarts).toEqual([node]);
  expect(isDone()).toBe(true);
});

test("once in a while it asks doctor, and watches only while something is going on", async () => {
  const { cluster, quorate, events } = await scene({ doctorEveryMs: 300_000 });
  await cluster.pass(1000);
  expect(events.filter((event) => event.kind === "ladder" && event.isDoctor).length).toBeGreaterThanOrEqual(3);
  expect(quorate.watchingSinceMs).toBeNull();
  quorate.attend(cluster.world.sim.nowMs() + 10_000);
  await cluster.pass(5);
  expect(quorate.watchingSinceMs).not.toBeNull();
  await cluster.pass(200);
  expect(quorate.watchingSinceMs).toBeNull();
  cluster.world.node("k8s02").host.systemd.stop(UNITS.kubelite, "operator");
  await cluster.pass(400);
  expect(quorate.watchingSinceMs).not.toBeNull();
  expect(quorate.ladder?.causes).toMatchObject([{ node: "k8s02", rung: "unit" }]);
});

test("paused it is still, killed it comes back, stopped it stays away", async () => {
  const { cluster, quorate, events } = await scene();
  await cluster.pass(10);
  quorate.pause();
  const told = events.length;
  await cluster.pass(60);
  expect(events).toHaveLength(told);
  quorate.resume();
  await cluster.pass(10);
  expect(quorate.ladder?.state).toBe("ok");
  quorate.kill();
  expect(quorate.state).toBe("down");
  await cluster.pass(20);
  expect(quorate.state).toBe("running");
  quorate.stop();
  await cluster.pass(20);
  expect(quorate.state).toBe("down");
});
