import { describe, expect, test } from "vitest";
import { deadFeed, kinds, runRecover } from "./test-recover.ts";

describe("a restart without an answer is observed before anything else is done", () => {
  test("it happened: it is not repeated", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].restartFault = "no-answer-done";
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(kinds(scene.journal).filter((kind) => kind === "act-intent")).toHaveLength(1);
  });

  test("it did not happen: it is decided anew and done once", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].restartFault = "no-answer-not-done";
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(kinds(scene.journal).filter((kind) => kind === "act-intent")).toHaveLength(2);
  });

  test("it is under way: a unit that is stopping has its old InvocationID, and is waited for", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].restartFault = "no-answer-done-late";
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(kinds(scene.journal).filter((kind) => kind === "act-intent")).toHaveLength(1);
  });

  test("it is under way when the process dies: the next one waits for it likewise", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].restartFault = "no-answer-done-late";
    const abort = new AbortController();
    const say = (line: string) => {
      if (line.startsWith("no answer from")) abort.abort();
    };
    expect(await runRecover(scene, { say, signal: abort.signal })).toMatchObject({ end: "ran", result: null });
    expect(await runRecover(scene)).toMatchObject({ end: "ran", resumed: true, result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
  });

  test("it cannot be observed: the run stays open, and the next call settles it", async () => {
    const scene = await deadFeed();
    const node = scene.world.nodes[1];
    node.restartFault = "no-answer-done";
    node.beforeRestart = () => node.unreadable.add("unit");
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", result: null, message: expect.stringContaining("no route to host") });
    expect(scene.journal.openRuns()).toHaveLength(1);
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: null });
    node.unreadable.clear();
    expect(await runRecover(scene)).toMatchObject({ end: "ran", resumed: true, result: "cured" });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("the unit stays down: a person is needed, and nothing is started", async () => {
    const scene = await deadFeed();
    const node = scene.world.nodes[1];
    node.restartFault = "no-answer-not-done";
    node.beforeRestart = () => scene.world.stopDatastore(node, "exit-code");
    const end = await runRecover(scene);
    expect(end).toMatchObject({
      end: "ran",
      result: "escalated",
      message: expect.stringContaining("was not started again"),
    });
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("it never happens: it is tried three times and then handed over", async () => {
    const scene = await deadFeed();
    const node = scene.world.nodes[1];
    node.beforeRestart = () => {
      node.restartFault = "no-answer-not-done";
    };
    node.restartFault = "no-answer-not-done";
    const end = await runRecover(scene);
    expect(end).toMatchObject({ end: "ran", result: "escalated", message: expect.stringContaining("in 3 attempts") });
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("somebody else restarted the unit first: that restart counts, and no second one is made", async () => {
    const scene = await deadFeed();
    const node = scene.world.nodes[1];
    node.beforeRestart = () => {
      node.units.datastore = { ...node.units.datastore, invocationId: "e".repeat(32) };
      node.feedDeadAt = null;
    };
    expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.journal.runs()[0]?.entries.find(({ kind }) => kind === "act-outcome")).toMatchObject({
      outcome: "restarted",
      invocationId: "e".repeat(32),
    });
  });
});
