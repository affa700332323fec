import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { powerLoss } from "./index.ts";

test("takes the power away, and gives it back with the drawn time to boot", () => {
  const { world, quorate, did } = createTestWorld();
  const undo = powerLoss.start(world, quorate, plan("power-loss", ["k8s03"], { bootMs: 30_000 }));
  expect(world.node("k8s03").host.isUp).toBe(false);
  undo();
  expect(did).toEqual(["k8s03 off", "k8s03 on after 30000"]);
});

test("a machine that lost its power twice boots once", () => {
  const { world, quorate, did } = createTestWorld();
  const undos = [30_000, 60_000].map((bootMs) =>
    powerLoss.start(world, quorate, plan("power-loss", ["k8s03"], { bootMs })),
  );
  for (const undo of undos) undo();
  expect(did).toEqual(["k8s03 off", "k8s03 on after 30000"]);
});
