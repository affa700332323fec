import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { journalRotation } from "./index.ts";

test("drops what is older than drawn from one node's journal", () => {
  const { world, quorate, did } = createTestWorld();
  journalRotation.start(world, quorate, plan("journal-rotation", ["k8s01"], { keptMs: 60_000 }, 0))();
  expect(did).toEqual(["k8s01 rotate 60000"]);
});
