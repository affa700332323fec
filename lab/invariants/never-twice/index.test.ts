import { expect, test } from "vitest";
import { createTestLab, runUpToIntent } from "../test-lab.ts";
import { UNITS } from "../../world/world.ts";
import { neverTwice } from "./index.ts";

test("the datastore and then kubelite, once each, pass", () => {
  const lab = createTestLab(neverTwice);
  runUpToIntent(lab, "k8s02");
  lab.restart("k8s02", "quorate/quorate");
  lab.entry({ kind: "act-intent", role: "kubelite", unit: UNITS.kubelite, expectedInvocationId: "x", token: 7 });
  lab.restart("k8s02", "quorate/quorate", "kubelite");
  expect(lab.found).toEqual([]);
});

test("a second restart of the same unit in one run is caught", () => {
  const lab = createTestLab(neverTwice);
  runUpToIntent(lab, "k8s02");
  lab.restart("k8s02", "quorate/quorate");
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("2 times")]);
});

test("a restart that no run tells of is caught; somebody else's is theirs", () => {
  const lab = createTestLab(neverTwice);
  lab.restart("k8s02", "operator");
  expect(lab.found).toEqual([]);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("no run of its says so")]);
});
