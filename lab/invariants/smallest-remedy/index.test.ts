import { expect, test } from "vitest";
import { createTestLab, runUpToIntent, type TestLab } from "../test-lab.ts";
import { UNITS } from "../../world/world.ts";
import { smallestRemedy } from "./index.ts";

function withDeadFeed(): TestLab {
  const lab = createTestLab(smallestRemedy);
  lab.nodes["k8s02"]!.isPollAlive = false;
  lab.pass(10);
  runUpToIntent(lab, "k8s02");
  return lab;
}

test("restarting the datastore of a node with a dead feed passes", () => {
  const lab = withDeadFeed();
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([]);
});

test("restarting a healthy node is caught", () => {
  const lab = withDeadFeed();
  lab.restart("k8s03", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("never broken")]);
});

test("restarting above a lower break is caught", () => {
  const lab = withDeadFeed();
  lab.nodes["k8s02"]!.kubelite = "failed";
  lab.pass(30);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("unit was broken below it")]);
});

test("kubelite before the datastore's restart was shown not to help is caught, after it it passes", () => {
  const lab = withDeadFeed();
  lab.restart("k8s02", "quorate/quorate", "kubelite");
  expect(lab.found).toHaveLength(1);
  lab.entry({ kind: "proof", cured: false, detail: "" });
  lab.entry({ kind: "act-intent", role: "kubelite", unit: UNITS.kubelite, expectedInvocationId: "x", token: 7 });
  lab.restart("k8s02", "quorate/quorate", "kubelite");
  expect(lab.found).toHaveLength(1);
});

test("streams that a fault holds back are a break", () => {
  const lab = createTestLab(smallestRemedy);
  const plan = { fault: "watch-streams-held", nodes: ["k8s02"], atMs: 0, durationMs: 1, parameters: {} };
  lab.tell({ kind: "fault", plan, is: "begun" });
  lab.pass(5);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([]);
  lab.tell({ kind: "fault", plan, is: "undone" });
  lab.pass(120);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toHaveLength(1);
});
