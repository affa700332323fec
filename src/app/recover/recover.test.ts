import { describe, expect, test } from "vitest";
import { lastOf } from "../../core/runbooks/journal.ts";
import { createTestWorld } from "../test-world.ts";
import { createTestJournal } from "./test-journal.ts";
import { callRecover, deadFeed, kinds, runRecover } from "./test-recover.ts";

const CURED = [
  "opened",
  "lock-intent",
  "lock-held",
  "act-intent",
  "act-outcome",
  "proof",
  "lock-released",
  "closed",
] as const;

describe("recover cures", () => {
  test("a dead feed with one restart of that node's datastore and nothing else", async () => {
    const scene = await deadFeed();
    const before = scene.world.nodes.map(({ units }) => ({ ...units }));
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", node: "k8s02", resumed: false, result: "cured", refusals: [] });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(scene.world.nodes[0].units).toEqual(before[0]);
    expect(scene.world.nodes[2].units).toEqual(before[2]);
    expect(scene.world.nodes[1].units.kubelite).toEqual(before[1]?.kubelite);
    expect(kinds(scene.journal)).toEqual(CURED);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("one frozen watch cache above a live feed likewise", async () => {
    const world = createTestWorld();
    world.freezeCache(world.nodes[2], "configmaps");
    await world.clock.pass(3000);
    const scene = { world, journal: createTestJournal() };
    expect(await runRecover(scene)).toMatchObject({ end: "ran", node: "k8s03", result: "cured" });
    expect(world.restarts()).toEqual(["k8s03/datastore"]);
    const opened = lastOf(scene.journal.runs()[0]?.entries ?? [], "opened");
    expect(opened).toMatchObject({ rung: "cache", resources: ["configmaps"] });
  });

  test("with kubelite's restart when the rung is still broken after the datastore's, and not before", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].curedBy = "kubelite";
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore", "k8s02/kubelite"]);
    expect(scene.journal.runs()[0]?.entries.filter(({ kind }) => kind === "proof")).toMatchObject([
      { cured: false },
      { cured: true },
    ]);
  });

  test("without kubelite's restart when the cure came late", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].curedBy = null;
    const say = (line: string) => {
      if (line.includes("is not proven")) scene.world.nodes[1].feedDeadAt = null;
    };
    expect(await runRecover(scene, { say })).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
  });

  test("the node that is named, when two are broken", async () => {
    const scene = await deadFeed();
    scene.world.killFeed(scene.world.nodes[2]);
    await scene.world.clock.pass(2000);
    expect(await runRecover(scene, { node: "k8s03" })).toMatchObject({ end: "ran", node: "k8s03", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s03/datastore"]);
  });

  test("the second broken node only after the cluster has stabilised", async () => {
    const scene = await deadFeed();
    scene.world.killFeed(scene.world.nodes[0]);
    await scene.world.clock.pass(2000);
    expect(await runRecover(scene)).toMatchObject({ result: "cured", node: "k8s01" });
    expect(await runRecover(scene)).toMatchObject({ result: "refused", refusals: [{ reason: "restart-in-progress" }] });
    await scene.world.clock.pass(60_000);
    expect(await runRecover(scene)).toMatchObject({ result: "cured", node: "k8s02" });
    expect(scene.world.restarts()).toEqual(["k8s01/datastore", "k8s02/datastore"]);
  });
});

describe("recover hands over to a person", () => {
  test("after both restarts, when neither cured", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].curedBy = null;
    const end = await runRecover(scene);
    expect(end).toMatchObject({
      end: "ran",
      result: "escalated",
      message: expect.stringContaining("still broken after both"),
    });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore", "k8s02/kubelite"]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("when the second restart is refused: something was done, so it is no mere refusal", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].curedBy = null;
    scene.journal.earlier.push({ node: "k8s02", atMs: scene.world.clock.nowMs() });
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", result: "escalated", refusals: [{ reason: "node-budget" }] });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
  });

  test("for a rung that a restart does not cure, and touches nothing", async () => {
    const world = createTestWorld();
    world.stopDatastore(world.nodes[0], "success");
    world.nodes[0].stopMarker = true;
    const scene = { world, journal: createTestJournal() };
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "for-people", cause: { node: "k8s01", rung: "unit" } });
    expect(world.restarts()).toEqual([]);
    expect(world.nodes[0].units.datastore.activeState).toBe("inactive");
    expect(scene.journal.runs()).toEqual([]);
  });

  test("when the restart command failed", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].restartFault = "failed";
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", result: "escalated", message: "sudo: a password is required" });
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("when restart commands failed as often as a node's budget allows, before a third one", async () => {
    const scene = await deadFeed();
    for (let run = 0; run < 2; run += 1) {
      scene.world.nodes[1].restartFault = "failed";
      await runRecover(scene);
    }
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", result: "refused", refusals: [{ reason: "node-budget" }] });
    expect(scene.world.restarts()).toEqual([]);
  });
});

describe("recover does nothing", () => {
  test("when nothing is broken", async () => {
    const world = createTestWorld();
    const scene = { world, journal: createTestJournal() };
    expect(await runRecover(scene)).toMatchObject({ end: "nothing-to-do" });
    expect(world.restarts()).toEqual([]);
    expect(scene.journal.runs()).toEqual([]);
    expect(world.leases.requests).toEqual([]);
  });

  test("when nothing is known to be broken and something is unknown", async () => {
    const world = createTestWorld();
    world.nodes[0].unreadable.add("store");
    const end = await runRecover({ world, journal: createTestJournal() });
    expect(end).toMatchObject({ end: "undecided", message: expect.stringContaining("k8s01") });
    expect(world.restarts()).toEqual([]);
  });

  test("for a node that is not observed", async () => {
    const end = await runRecover(await deadFeed(), { node: "k8s09" });
    expect(end).toMatchObject({ end: "undecided", message: expect.stringContaining("k8s09 is not one of") });
  });

  test("for a healthy node, while another one is broken", async () => {
    const scene = await deadFeed();
    expect(await runRecover(scene, { node: "k8s01" })).toMatchObject({ end: "nothing-to-do" });
    expect(scene.world.restarts()).toEqual([]);
  });

  test("in a dry run: it shows the plan and writes nothing", async () => {
    const scene = await deadFeed();
    const end = await runRecover(scene, { dryRun: true });
    expect(end).toMatchObject({
      end: "planned",
      plan: { remedy: { action: { node: "k8s02", role: "datastore" } }, refusals: [] },
    });
    expect(scene.journal.runs()).toEqual([]);
    expect(scene.world.restarts()).toEqual([]);
    expect(new Set(scene.world.leases.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("when the person declines", async () => {
    const scene = await deadFeed();
    expect(await runRecover(scene, { confirm: () => Promise.resolve(false) })).toMatchObject({ end: "declined" });
    expect(scene.journal.runs()).toEqual([]);
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.world.isLockFree()).toBe(true);
  });
});

describe("a cause that a restart cures", () => {
  test("is chosen before one that only a person may see to, and the guard has the last word", async () => {
    const scene = await deadFeed();
    scene.world.stopDatastore(scene.world.nodes[0], "success");
    const end = await runRecover(scene);
    expect(end).toMatchObject({
      end: "ran",
      node: "k8s02",
      result: "refused",
      refusals: [{ reason: "majority-lost" }],
    });
    expect(scene.world.restarts()).toEqual([]);
  });
});

describe("two recovers at once", () => {
  test("from two machines: only one acts", async () => {
    const scene = await deadFeed();
    const other = { world: scene.world, journal: createTestJournal() };
    const both = Promise.all([callRecover(scene, { actor: "one" }), callRecover(other, { actor: "two" })]);
    const results = (await scene.world.clock.drive(both)).map((end) => (end.end === "ran" ? end.result : end.end));
    expect(new Set(results)).toEqual(new Set(["cured", "refused"]));
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(scene.world.isLockFree()).toBe(true);
    expect([...scene.journal.openRuns(), ...other.journal.openRuns()]).toEqual([]);
  });

  test("the later one, begun while the first one holds the lock, is refused by the guard", async () => {
    const scene = await deadFeed();
    const other = { world: scene.world, journal: createTestJournal() };
    const late = async () => {
      await scene.world.clock.sleep(4500);
      return callRecover(other, { actor: "two" });
    };
    const [first, second] = await scene.world.clock.drive(Promise.all([callRecover(scene, { actor: "one" }), late()]));
    expect(first).toMatchObject({ result: "cured" });
    expect(second).not.toMatchObject({ result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
  });
});
