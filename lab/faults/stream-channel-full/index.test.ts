import { expect, test } from "vitest";
import { UNITS } from "../../world/world.ts";
import { createTestWorld, plan, specOf } from "../test-world.ts";
import { streamChannelFull } from "./index.ts";

test("writes through the other nodes while the node's kubelite stands still", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const parameters = { writes: 600, bytes: 10 };
  const undo = streamChannelFull.start(world, quorate, plan("stream-channel-full", ["k8s02"], parameters, 30_000));
  await pass(30_000);
  expect(world.node("k8s02").host.systemd.process(UNITS.kubelite)?.state).toBe("paused");
  const writes = did.filter((line) => line.includes(" PATCH "));
  expect(writes.length).toBeGreaterThanOrEqual(600);
  expect(writes.some((line) => line.startsWith("k8s02"))).toBe(false);
  undo();
  expect(world.node("k8s02").host.systemd.process(UNITS.kubelite)?.state).toBe("running");
  await pass(1000);
  expect(did.at(-1)).toMatch(/DELETE/);
});

test("happens only where a stream has a limited channel", () => {
  expect([streamChannelFull.suits(specOf(3, "1.33")), streamChannelFull.suits(specOf(3, "1.34"))]).toEqual([
    false,
    true,
  ]);
});
