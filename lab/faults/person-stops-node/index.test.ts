import { expect, test } from "vitest";
import { STOP_MARKER_PATH } from "../../world/units.ts";
import { createTestWorld, plan } from "../test-world.ts";
import { personStopsNode } from "./index.ts";

test("stops both units with the mark of it, and takes both back", () => {
  const { world, quorate, did } = createTestWorld();
  const { files } = world.node("k8s01").host;
  const undo = personStopsNode.start(world, quorate, plan("person-stops-node", ["k8s01"], { isMarked: true }));
  expect(did).toEqual(["k8s01 stop kubelite by operator", "k8s01 stop datastore by operator"]);
  expect(files.has(STOP_MARKER_PATH)).toBe(true);
  undo();
  expect(did.slice(2)).toEqual(["k8s01 start datastore by operator", "k8s01 start kubelite by operator"]);
  expect(files.has(STOP_MARKER_PATH)).toBe(false);
});

test("without the mark when only systemd was told", () => {
  const { world, quorate } = createTestWorld();
  personStopsNode.start(world, quorate, plan("person-stops-node", ["k8s01"], { isMarked: false }));
  expect(world.node("k8s01").host.files.has(STOP_MARKER_PATH)).toBe(false);
});
