import { expect, test } from "vitest";
import { createTestLab, ladderOf, type TestLab } from "../test-lab.ts";
import type { RungId } from "../../../src/core/model/verdict.ts";
import { noFalseFinding } from "./index.ts";

function says(lab: TestLab, rung: RungId): void {
  lab.quorate.ladder = ladderOf({ k8s02: rung });
  lab.says({ kind: "ladder", ladder: lab.quorate.ladder, isDoctor: false });
}

test.each(["unit", "quorum", "store", "feed", "cache"] as const)(
  "rung %s called broken in health is caught once",
  (rung) => {
    const lab = createTestLab(noFalseFinding);
    lab.pass(60);
    says(lab, rung);
    lab.pass(60);
    expect(lab.found).toEqual([expect.stringContaining(`called ${rung} of k8s02 broken`)]);
  },
);

test.each<[RungId, string, (lab: TestLab) => void]>([
  ["unit", "a unit that is down", (lab) => (lab.nodes["k8s02"]!.kubelite = "inactive")],
  ["quorum", "a frozen member", (lab) => (lab.nodes["k8s02"]!.process = "paused")],
  ["store", "no leader", (lab) => (lab.leader = null)],
  ["feed", "a dead poll", (lab) => (lab.nodes["k8s02"]!.isPollAlive = false)],
  ["cache", "a mute stream", (lab) => (lab.nodes["k8s02"]!.muted = ["/registry/pods/"])],
])("rung %s is explained by %s, and for a while after it", (rung, _, breakIt) => {
  const lab = createTestLab(noFalseFinding);
  breakIt(lab);
  lab.pass(20);
  says(lab, rung);
  lab.pass(30);
  expect(lab.found).toEqual([]);
});

test("what is wrong on Quorate's own way explains nothing", () => {
  const lab = createTestLab(noFalseFinding);
  lab.cuts.add("ops k8s02");
  lab.pass(60);
  says(lab, "store");
  expect(lab.found).toHaveLength(1);
});

test("an unknown or degraded rung is no finding", () => {
  const lab = createTestLab(noFalseFinding);
  lab.quorate.ladder = ladderOf({ k8s02: "feed" }, "unknown");
  lab.pass(60);
  expect(lab.found).toEqual([]);
});
