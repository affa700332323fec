import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { snapRefresh } from "./index.ts";

test("stops both units, and starts the datastore before the kubelite", () => {
  const { world, quorate, did } = createTestWorld();
  const undo = snapRefresh.start(world, quorate, plan("snap-refresh", ["k8s01"]));
  expect(did).toEqual(["k8s01 stop kubelite by snapd", "k8s01 stop datastore by snapd"]);
  undo();
  expect(did.slice(2)).toEqual(["k8s01 start datastore by snapd", "k8s01 start kubelite by snapd"]);
});
