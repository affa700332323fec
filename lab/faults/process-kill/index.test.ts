import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { processKill } from "./index.ts";

test("kills the unit's program, and starts nothing itself", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const undo = processKill.start(world, quorate, plan("process-kill", ["k8s02"], { role: "kubelite" }));
  undo();
  await pass(10_000);
  expect(did).toEqual(["k8s02 KILL kubelite"]);
});

test("refuses a plan that does not say which unit", () => {
  const { world, quorate } = createTestWorld();
  expect(() => processKill.start(world, quorate, plan("process-kill", ["k8s02"]))).toThrow(/role/);
});
