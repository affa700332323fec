import { describe, expect, test } from "vitest";
import { lastOf } from "../../core/runbooks/journal.ts";
import { atEachEntry, type Death, Killed, killedAt } from "./test-journal.ts";
import { callRecover, deadFeed, kinds, runRecover, type Scene } from "./test-recover.ts";

/** As many calls as a person would make: until one says that there is nothing left to do. */
async function untilDone(scene: Scene): Promise<void> {
  for (let call = 0; call < 5; call += 1) {
    const end = await runRecover(scene);
    if (end.end === "nothing-to-do") return;
    await scene.world.clock.pass(61_000);
  }
  throw new Error("not done after five calls");
}

function expectCuredOnce({ world, journal }: Scene): void {
  expect(world.restarts()).toEqual(["k8s02/datastore"]);
  expect(world.isLockFree()).toBe(true);
  expect(journal.openRuns()).toEqual([]);
  expect(world.nodes[1].feedDeadAt).toBeNull();
}

/** A cure writes eight entries; before the first nothing exists, after the last nothing is left to do. */
const DEATHS: readonly Death[] = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((entry) => [
  { when: "before", entry },
  { when: "after", entry },
]);

describe("killed and started again", () => {
  test.each(DEATHS)("$when entry $entry: exactly one restart, lock free, run closed", async (death) => {
    const scene = await deadFeed();
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    await untilDone(scene);
    expectCuredOnce(scene);
  });

  test.each(DEATHS)("$when entry $entry, resumed only after the lock ran out: likewise", async (death) => {
    const scene = await deadFeed();
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    await scene.world.clock.pass(700_000);
    await untilDone(scene);
    expectCuredOnce(scene);
  });

  test.each(DEATHS)("$when entry $entry, and killed there again at each next call: likewise", async (death) => {
    const scene = await deadFeed();
    for (let entry = death.entry; entry > 0; entry -= 1) {
      const store = killedAt(scene.journal, { ...death, entry });
      await runRecover(scene, { store }).catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    }
    await untilDone(scene);
    expectCuredOnce(scene);
  });

  test("a resumed run keeps its name on the lock, so it meets itself and nobody else", async () => {
    const scene = await deadFeed();
    const death = { when: "after", entry: 3 } as const;
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    const holder = lastOf(scene.journal.runs()[0]?.entries ?? [], "opened")?.holder;
    expect(scene.world.leases.lease()?.spec["holderIdentity"]).toBe(holder);
    expect(await runRecover(scene)).toMatchObject({ end: "ran", resumed: true, result: "cured" });
  });

  test("a killed run whose lock another took meanwhile does not act, and leaves that lock alone", async () => {
    const scene = await deadFeed();
    const death = { when: "after", entry: 3 } as const;
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    scene.world.takeLock("ansible/deploy-7");
    expect(await runRecover(scene)).toMatchObject({ end: "ran", resumed: true, result: "refused" });
    expect(scene.world.restarts()).toEqual([]);
    expect(scene.world.leases.lease()?.spec["holderIdentity"]).toBe("ansible/deploy-7");
    expect(scene.journal.openRuns()).toEqual([]);
  });

  test("a dry run leaves an open run alone", async () => {
    const scene = await deadFeed();
    const death = { when: "after", entry: 4 } as const;
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    const before = kinds(scene.journal);
    expect(await runRecover(scene, { dryRun: true })).toMatchObject({ end: "planned" });
    expect(kinds(scene.journal)).toEqual(before);
  });

  test("a run about a node that is not named stays open and says so", async () => {
    const scene = await deadFeed();
    const death = { when: "after", entry: 4 } as const;
    await expect(runRecover(scene, { store: killedAt(scene.journal, death) })).rejects.toThrow(Killed);
    const two = { ...scene.world, taps: scene.world.taps.filter(({ node }) => node !== "k8s02") };
    const end = await runRecover({ ...scene, world: two });
    expect(end).toMatchObject({
      end: "ran",
      result: null,
      message: expect.stringContaining("k8s02, which was not named"),
    });
    await untilDone(scene);
    expectCuredOnce(scene);
  });

  test("a run that another version of the runbook began is handed over, its lock given back", async () => {
    const scene = await deadFeed();
    const atMs = scene.world.clock.nowMs();
    const opened = {
      kind: "opened",
      atMs,
      runbook: "renew-watches@0",
      node: "k8s02",
      rung: "feed",
      resources: [],
      holder: "old/1",
    } as const;
    scene.journal.create("old", opened);
    scene.journal.append("old", { kind: "lock-intent", atMs });
    scene.world.takeLock("old/1");
    expect(await runRecover(scene)).toMatchObject({ end: "ran", resumed: true, result: "escalated" });
    expect(scene.world.isLockFree()).toBe(true);
    expect(scene.world.restarts()).toEqual([]);
  });
});

describe("Ctrl-C", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("at entry %i is safe: exactly one restart in the end", async (nth) => {
    const scene = await deadFeed();
    const abort = new AbortController();
    const store = atEachEntry(scene.journal, (count, isAppended) => {
      if (isAppended && count === nth) abort.abort();
    });
    const end = await runRecover(scene, { store, signal: abort.signal });
    expect(end.end).toBe("ran");
    if (nth < 4) {
      expect(end).toMatchObject({ result: "refused", message: "interrupted before anything was done" });
      expect(scene.world.restarts()).toEqual([]);
      expect(scene.world.isLockFree()).toBe(true);
      expect(scene.journal.openRuns()).toEqual([]);
    }
    await untilDone(scene);
    expectCuredOnce(scene);
  });

  test("while it asks is a no", async () => {
    const scene = await deadFeed();
    const abort = new AbortController();
    const confirm = () => {
      abort.abort();
      return Promise.resolve(true);
    };
    expect(await runRecover(scene, { confirm, signal: abort.signal })).toMatchObject({ end: "declined" });
    expect(scene.journal.runs()).toEqual([]);
  });

  test("between the two restarts ends the run, says that one was done, and gives the lock back", async () => {
    const scene = await deadFeed();
    scene.world.nodes[1].curedBy = null;
    const abort = new AbortController();
    const say = (line: string) => {
      if (line.includes("is not proven")) abort.abort();
    };
    const end = await runRecover(scene, { say, signal: abort.signal });
    expect(end).toMatchObject({ result: "escalated", message: expect.stringContaining("after a restart") });
    expect(scene.world.restarts()).toEqual(["k8s02/datastore"]);
    expect(scene.world.isLockFree()).toBe(true);
  });

  test("at any instant of virtual time is safe", async () => {
    for (let atMs = 500; atMs < 25_000; atMs += 1700) {
      const scene = await deadFeed();
      const abort = new AbortController();
      const call = callRecover(scene, { signal: abort.signal });
      await scene.world.clock.drive(Promise.race([call, scene.world.clock.sleep(atMs)]));
      abort.abort();
      await scene.world.clock.drive(call);
      await untilDone(scene);
      expectCuredOnce(scene);
    }
  });
});
