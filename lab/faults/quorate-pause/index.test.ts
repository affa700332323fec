import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { quoratePause } from "./index.ts";

test("stops Quorate until it is undone", () => {
  const { world, quorate, did } = createTestWorld();
  const undo = quoratePause.start(world, quorate, plan("quorate-pause", []));
  undo();
  expect(did).toEqual(["quorate pause", "quorate resume"]);
});
