import { expect, test } from "vitest";
import { createTestWorld, plan, specOf } from "../test-world.ts";
import { scrapeNoise } from "./index.ts";

test("reads /metrics of each node's apiserver at once and then as often as drawn", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const undo = scrapeNoise.start(world, quorate, plan("scrape-noise", ["k8s01", "k8s02"], { everyMs: 15_000 }));
  await pass(16_000);
  undo();
  await pass(60_000);
  expect(did).toEqual(["k8s01", "k8s02", "k8s01", "k8s02"].map((node) => `${node} GET /metrics`));
});

test("prints only where a scrape makes a client of its own", () => {
  expect([scrapeNoise.suits(specOf(3, "1.33")), scrapeNoise.suits(specOf(3, "1.36"))]).toEqual([false, true]);
});
