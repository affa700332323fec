import { expect, test } from "vitest";
import { UNITS } from "../../world/world.ts";
import { createTestWorld, plan, specOf } from "../test-world.ts";
import { pollDeath } from "./index.ts";

test("stops whoever leads at that moment", () => {
  const { world, quorate, did } = createTestWorld();
  const undo = pollDeath.start(world, quorate, plan("poll-death", [], { how: "leader-paused" }));
  expect(world.node("k8s01").host.systemd.process(UNITS.datastore)?.state).toBe("paused");
  undo();
  expect(did).toEqual(["k8s01 STOP datastore", "k8s01 CONT datastore"]);
});

test("or cuts a node off from its peers", () => {
  const { world, quorate } = createTestWorld();
  const undo = pollDeath.start(world, quorate, plan("poll-death", ["k8s02"], { how: "port-blocked" }));
  expect([world.network.passes("k8s02", "k8s01"), world.network.passes("k8s03", "k8s02")]).toEqual([false, false]);
  undo();
  expect(world.network.passes("k8s02", "k8s01")).toBe(true);
});

test("happens only where one slow query ends the poll", () => {
  expect(["1.28", "1.33", "1.34", "1.36"].map((id) => pollDeath.suits(specOf(3, id as "1.28")))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(pollDeath.suits(specOf(1))).toBe(false);
});
