import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { FORGED_LINES, forgedLogLines } from "./index.ts";

test("a pod prints each of the lines as often as drawn, until it is undone", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const undo = forgedLogLines.start(world, quorate, plan("forged-log-lines", ["k8s01"], { perSecond: 4 }));
  await pass(999);
  expect(did).toEqual(FORGED_LINES.map((line) => `k8s01 forger: ${line}`));
  undo();
  await pass(5000);
  expect(did).toHaveLength(FORGED_LINES.length);
});
