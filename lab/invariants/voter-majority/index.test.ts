import { expect, test } from "vitest";
import { createTestLab } from "../test-lab.ts";
import { voterMajority } from "./index.ts";

test("a restart of one of three healthy voters passes", () => {
  const lab = createTestLab(voterMajority);
  lab.pass(30);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([]);
});

test("a restart while another voter has been down for long is caught", () => {
  const lab = createTestLab(voterMajority);
  lab.pass(30);
  lab.nodes["k8s03"]!.process = "down";
  lab.pass(15);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("of 3 voters k8s01 were left, 2 are needed")]);
});

test("a voter that is cut off from the leader counts as down", () => {
  const lab = createTestLab(voterMajority);
  lab.cuts.add("k8s01 k8s03");
  lab.pass(15);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toHaveLength(1);
});

test("a voter that died a moment before could not be known, and somebody else's restart is no act of ours", () => {
  const lab = createTestLab(voterMajority);
  lab.pass(30);
  lab.nodes["k8s03"]!.process = "down";
  lab.pass(3);
  lab.restart("k8s02", "quorate/quorate");
  lab.pass(30);
  lab.restart("k8s02", "ansible");
  expect(lab.found).toEqual([]);
});

test("kubelite carries no vote", () => {
  const lab = createTestLab(voterMajority);
  lab.nodes["k8s03"]!.process = "down";
  lab.pass(15);
  lab.restart("k8s02", "quorate/quorate", "kubelite");
  expect(lab.found).toEqual([]);
});
