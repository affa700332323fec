import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { bareRestart } from "./index.ts";

test("has systemd restart the unit, as the operator", () => {
  const { world, quorate, did } = createTestWorld();
  bareRestart.start(world, quorate, plan("bare-restart", ["k8s02"], { role: "datastore" }, 0))();
  expect(did).toEqual(["k8s02 restart datastore by operator"]);
});
