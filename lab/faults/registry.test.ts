import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assert, constantFrom, integer, pre, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { createPrng } from "../sim/prng.ts";
import { RELEASES, type ReleaseId } from "../world/releases.ts";
import { FAULTS, faultById } from "./registry.ts";
import { createTestWorld, specOf } from "./test-world.ts";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const RELEASE_IDS = Object.keys(RELEASES) as ReleaseId[];
const FRAME = { fromMs: 10_000, untilMs: 60_000 };
const drawn = { seed: integer(), count: integer({ min: 1, max: 7 }), release: constantFrom(...RELEASE_IDS) };

test("all faults are registered, each under its folder's name", () => {
  expect(FAULTS.map(({ id }) => id).sort()).toEqual(folders.sort());
  expect(faultById("partition")?.id).toBe("partition");
  expect(faultById("nothing")).toBeNull();
});

describe.each(FAULTS.map((fault) => [fault.id, fault] as const))("%s", (id, fault) => {
  test("has a readme and a test", () => {
    for (const part of ["readme.md", "index.test.ts"]) {
      expect(existsSync(join(import.meta.dirname, id, part)), part).toBe(true);
    }
  });

  test("draws a plan of plain data that lies in the frame, names nodes of the cluster, and is the same for the same seed", () => {
    assert(
      property(drawn.seed, drawn.count, drawn.release, (seed, count, release) => {
        const spec = specOf(count, release);
        pre(fault.suits(spec));
        const plan = fault.draw(createPrng(seed, id), { spec, ...FRAME });
        expect(plan.fault).toBe(id);
        expect(plan.atMs).toBeGreaterThanOrEqual(FRAME.fromMs);
        expect(plan.atMs).toBeLessThanOrEqual(FRAME.untilMs);
        expect(plan.durationMs).toBeGreaterThanOrEqual(0);
        expect(new Set(plan.nodes).size).toBe(plan.nodes.length);
        expect(spec.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining([...plan.nodes]));
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        expect(fault.draw(createPrng(seed, id), { spec, ...FRAME })).toEqual(plan);
      }),
      { numRuns: 60 },
    );
  });

  test("acts and is undone on machines without power, and touches no unit there", async () => {
    for (const seed of [1, 2, 3, 4]) {
      const { world, quorate, did, pass } = createTestWorld();
      for (const { host } of world.nodes) host.powerOff();
      const before = did.length;
      const plan = fault.draw(createPrng(seed, id), { spec: world.spec, ...FRAME });
      const undo = fault.start(world, quorate, plan);
      await pass(Math.min(plan.durationMs, 5000));
      undo();
      await pass(1000);
      expect(did.slice(before).filter((line) => /datastore|kubelite by|rotate|forger/.test(line))).toEqual([]);
    }
  });

  test("leaves network, disks and processes as they were once it is undone, also when two of it overlap", async () => {
    for (const seed of [5, 6, 7, 8]) {
      const { world, quorate, pass } = createTestWorld();
      const draws = createPrng(seed, id);
      const plans = [0, 1].map(() => fault.draw(draws, { spec: world.spec, ...FRAME }));
      const undos = plans.map((plan) => fault.start(world, quorate, plan));
      await pass(3000);
      for (const undo of undos) undo();
      await pass(60_000);
      const names = world.nodes.map(({ name }) => name);
      for (const from of names) {
        for (const to of names) {
          expect(world.network.passes(from, to)).toBe(true);
          expect(world.network.delayMs(from, to)).toBe(from === to ? 0 : 1);
        }
      }
      for (const { host } of world.nodes) {
        expect(host.isUp).toBe(true);
        expect(host.disk).toEqual({ freeBytes: 1e9, syncMs: 1 });
        expect(Math.abs(host.clock.nowMs() - world.sim.nowMs())).toBeLessThanOrEqual(2);
        for (const unit of ["snap.microk8s.daemon-k8s-dqlite", "snap.microk8s.daemon-kubelite"]) {
          expect(host.systemd.process(unit)?.state).toBe("running");
        }
      }
    }
  });
});
