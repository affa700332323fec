import { expect, test } from "vitest";
import type { JournalEntry } from "../../core/runbooks/journal.ts";
import type { TestWorld } from "../test-world.ts";
import { atEachEntry } from "./test-journal.ts";
import { deadFeed, kinds, reasons, runRecover, type Scene } from "./test-recover.ts";

/** The second node's feed is dead; each row adds what must keep us from acting. */
const REFUSED: readonly (readonly [string, (world: TestWorld, scene: Scene) => void, string])[] = [
  ["the lock is held by another", (world) => world.takeLock("ansible/deploy-7"), "lock: lock-held"],
  [
    "the lock cannot be read through any apiserver",
    ({ nodes }) => nodes.forEach(({ hung }) => hung.add("lock")),
    "lock: lock-unknown",
  ],
  ["another voter is down", (world) => world.stopDatastore(world.nodes[2], "exit-code"), "quorum: majority-lost"],
  [
    "another voter was stopped by a person",
    (world) => world.stopDatastore(world.nodes[0], "success"),
    "quorum: majority-lost",
  ],
  ["another node's units cannot be read", ({ nodes }) => nodes[2].unreadable.add("unit"), "unknown-rung: unknown"],
  ["this node's units cannot be read", ({ nodes }) => nodes[1].hung.add("unit"), "unknown-rung: unknown"],
  [
    "the stop marker cannot be read",
    ({ nodes }) => nodes[1].unreadable.add("marker"),
    "stopped-on-purpose: marker-unknown",
  ],
  [
    "the writer is contended",
    ({ nodes }) => Object.assign(nodes[0], { lockErrors: 12 }),
    "writer-contended: contended",
  ],
  [
    "another node was just restarted",
    ({ clock, nodes }) => startedAgo(nodes[2], clock.nowMs() - 40_000),
    "one-at-a-time: restart-in-progress",
  ],
  ["another node's kubelite is starting", ({ nodes }) => starting(nodes[0]), "one-at-a-time: restart-in-progress"],
  ["the node had its restarts", (_, scene) => spend(scene, ["k8s02", "k8s02"], 1_800_000), "budget: node-budget"],
  [
    "the cluster had its restarts",
    (_, scene) => spend(scene, ["k8s01", "k8s01", "k8s01", "k8s03", "k8s03", "k8s03"], 7_200_000),
    "budget: cluster-budget",
  ],
];

test.each(REFUSED)("recover refuses when %s", async (_, spoil, expected) => {
  const scene = await deadFeed();
  spoil(scene.world, scene);
  const units = scene.world.nodes.map((node) => ({ ...node.units }));
  const end = await runRecover(scene);
  expect(end).toMatchObject({ end: "ran", node: "k8s02", result: "refused" });
  expect(reasons(end)).toContain(expected);
  expect(scene.world.restarts()).toEqual([]);
  expect(scene.world.nodes.map((node) => node.units)).toEqual(units);
  expect(scene.journal.runs()).toEqual([]);
  expect(scene.world.leases.requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

test.each(REFUSED)("a dry run names the same refusal when %s", async (_, spoil, expected) => {
  const scene = await deadFeed();
  spoil(scene.world, scene);
  expect(reasons(await runRecover(scene, { dryRun: true }))).toContain(expected);
});

test("every refusal says what stands against it and what to do, in one line each", async () => {
  for (const [, spoil] of REFUSED) {
    const scene = await deadFeed();
    spoil(scene.world, scene);
    const end = await runRecover(scene);
    for (const { message, next } of end.end === "ran" ? end.refusals : []) {
      expect(message).toMatch(/^[^\n]{10,}$/);
      expect(next).toMatch(/^[^\n]{5,}$/);
    }
  }
});

/** What happens in the world right after one kind of entry is durable: too late for the first decision. */
const SPOILED: readonly (readonly [string, JournalEntry["kind"], (world: TestWorld) => void, string])[] = [
  ["somebody else takes the lock", "lock-held", (world) => world.takeLock("ansible/deploy-7"), "lock: lock-held"],
  ["the lock is taken and given back", "lock-held", (world) => world.takeLock(""), "lock: token-stale"],
  ["the lock's Lease is deleted", "lock-held", (world) => world.leases.put(null), "lock: token-stale"],
  [
    "another voter dies",
    "lock-held",
    ({ clock, nodes }) => Object.assign(nodes[0], { servesFromMs: clock.nowMs() + 600_000 }),
    "quorum: majority-lost",
  ],
  [
    "somebody cures the node",
    "lock-held",
    ({ nodes }) => Object.assign(nodes[1], { feedDeadAt: null }),
    "lowest-rung: nothing-broken",
  ],
];

test.each(SPOILED)(
  "recover decides again right before it acts, and refuses when %s",
  async (_, kind, spoil, expected) => {
    const scene = await deadFeed();
    const store = atEachEntry(scene.journal, (_count, isAppended, entry) => {
      if (isAppended && entry.kind === kind) spoil(scene.world);
    });
    const end = await runRecover(scene, { store });
    expect(end).toMatchObject({ end: "ran", result: "refused" });
    expect(reasons(end)).toContain(expected);
    expect(scene.world.restarts()).toEqual([]);
    expect(kinds(scene.journal)).toEqual(["opened", "lock-intent", "lock-held", "stopped", "lock-released", "closed"]);
  },
);

/** What happens on the node itself, after the last decision and before the command is looked at there. */
const FENCED: readonly (readonly [string, (world: TestWorld) => void, string])[] = [
  [
    "the node has seen a newer fencing token",
    ({ nodes }) => Object.assign(nodes[1], { token: 1_000_000 }),
    "older than",
  ],
  ["a person stopped the node", ({ nodes }) => Object.assign(nodes[1], { stopMarker: true }), "stop marker"],
  ["a person stopped the unit", (world) => world.stopDatastore(world.nodes[1], "success"), "inactive"],
];

test.each(FENCED)("the node itself refuses when %s: nothing was done", async (_, spoil, expected) => {
  const scene = await deadFeed();
  scene.world.nodes[1].beforeRestart = () => spoil(scene.world);
  const end = await runRecover(scene);
  expect(end).toMatchObject({ end: "ran", result: "refused", message: expect.stringContaining(expected) });
  expect(scene.world.restarts()).toEqual([]);
  expect(scene.world.isLockFree()).toBe(true);
  expect(scene.journal.openRuns()).toEqual([]);
});

test("a lock that another took between the decision and the take stops the run with nothing done", async () => {
  const scene = await deadFeed();
  const store = atEachEntry(scene.journal, (_, isAppended, entry) => {
    if (isAppended && entry.kind === "lock-intent") scene.world.takeLock("ansible/deploy-7");
  });
  const end = await runRecover(scene, { store });
  expect(end).toMatchObject({ end: "ran", result: "refused", message: expect.stringContaining("ansible/deploy-7") });
  expect(scene.world.leases.lease()?.spec["holderIdentity"]).toBe("ansible/deploy-7");
});

test("a lock that cannot be written stops the run with nothing done", async () => {
  const scene = await deadFeed();
  scene.world.leases.fault = ({ method }) => (method === "GET" ? null : "lost-request");
  const end = await runRecover(scene);
  expect(end).toMatchObject({ end: "ran", result: "refused", message: expect.stringContaining("could not be taken") });
  expect(scene.world.restarts()).toEqual([]);
  expect(scene.journal.openRuns()).toEqual([]);
});

function startedAgo(node: TestWorld["nodes"][0], activeEnterAtMs: number): void {
  node.units.datastore = { ...node.units.datastore, activeEnterAtMs };
}

function starting(node: TestWorld["nodes"][0]): void {
  node.units.kubelite = { ...node.units.kubelite, activeState: "activating", subState: "start" };
}

function spend({ world, journal }: Scene, nodes: readonly string[], agoMs: number): void {
  for (const node of nodes) journal.earlier.push({ node, atMs: world.clock.nowMs() - agoMs });
}
