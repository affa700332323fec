import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { quorateKill } from "./index.ts";

test("kills at once and as often as drawn, and not any more once it is undone", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const undo = quorateKill.start(world, quorate, plan("quorate-kill", [], { times: 4, everyMs: 1000 }));
  expect(did).toEqual(["quorate kill"]);
  await pass(2000);
  expect(did).toHaveLength(3);
  undo();
  await pass(60_000);
  expect(did).toHaveLength(3);
});
