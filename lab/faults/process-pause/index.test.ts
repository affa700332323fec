import { expect, test } from "vitest";
import { UNITS } from "../../world/world.ts";
import { createTestWorld, plan } from "../test-world.ts";
import { processPause } from "./index.ts";

test("stops the unit's program until it is undone", () => {
  const { world, quorate } = createTestWorld();
  const state = () => world.node("k8s01").host.systemd.process(UNITS.datastore)?.state;
  const undo = processPause.start(world, quorate, plan("process-pause", ["k8s01"], { role: "datastore" }));
  expect(state()).toBe("paused");
  undo();
  expect(state()).toBe("running");
});

test("of two pauses the longer one counts", () => {
  const { world, quorate } = createTestWorld();
  const state = () => world.node("k8s01").host.systemd.process(UNITS.datastore)?.state;
  const both = [1, 2].map(() =>
    processPause.start(world, quorate, plan("process-pause", ["k8s01"], { role: "datastore" })),
  );
  both[0]?.();
  both[0]?.();
  expect(state()).toBe("paused");
  both[1]?.();
  expect(state()).toBe("running");
});
