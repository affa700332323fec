import { expect, test } from "vitest";
import { UNITS } from "../../world/world.ts";
import { createTestLab } from "../test-lab.ts";
import { stoppedStaysStopped } from "./index.ts";

test("a restart of a running unit passes", () => {
  const lab = createTestLab(stoppedStaysStopped);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([]);
});

test("a restart on a node that a person stopped is caught", () => {
  const lab = createTestLab(stoppedStaysStopped);
  lab.nodes["k8s02"]!.isStopMarked = true;
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found[0]).toContain("which a person had stopped");
});

test("starting what did not run is caught, and a person may", () => {
  const lab = createTestLab(stoppedStaysStopped);
  const start = (by: string) =>
    lab.tell({ kind: "unit", change: { node: "k8s02", unit: UNITS.datastore, what: "starting", by, how: null } });
  start("operator");
  expect(lab.found).toEqual([]);
  start("quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("which did not run")]);
});
