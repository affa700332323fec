import { expect, test } from "vitest";
import { UNITS } from "../../world/world.ts";
import { createTestWorld, plan } from "../test-world.ts";
import { processSlow } from "./index.ts";

test("stops the process for its share of each second, and not any more once it is undone", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const state = () => world.node("k8s01").host.systemd.process(UNITS.datastore)?.state;
  const parameters = { role: "datastore", stoppedPercent: 80 };
  const undo = processSlow.start(world, quorate, plan("process-slow", ["k8s01"], parameters));
  const seen: (string | undefined)[] = [];
  for (let tenth = 0; tenth < 20; tenth += 1) {
    await pass(tenth === 0 ? 50 : 100);
    seen.push(state());
  }
  expect(seen.filter((one) => one === "paused")).toHaveLength(16);
  undo();
  expect(state()).toBe("running");
  const before = did.length;
  await pass(10_000);
  expect(did).toHaveLength(before);
});
