import { expect, test } from "vitest";
import { createTestLab, ladderOf, type TestLab } from "../test-lab.ts";
import { namedInTime } from "./index.ts";

function calm(): TestLab {
  const lab = createTestLab(namedInTime);
  lab.pass(60);
  return lab;
}

test("a healthy cluster about which nothing is said passes", () => {
  expect(calm().found).toEqual([]);
});

test("a dead feed that is named passes, one that is not is caught once", () => {
  const lab = calm();
  lab.nodes["k8s02"]!.isPollAlive = false;
  lab.pass(50);
  expect(lab.found).toEqual([]);
  lab.quorate.ladder = ladderOf({ k8s02: "feed" });
  lab.pass(60);
  expect(lab.found).toEqual([]);
  lab.quorate.ladder = ladderOf({ k8s02: "cache" });
  lab.pass(200);
  expect(lab.found).toEqual([expect.stringContaining("feed of k8s02 has been broken for")]);
});

test("a unit that is down, a lost leader and a paused member are caught when they have no name", () => {
  for (const breakIt of [
    (lab: TestLab) => (lab.nodes["k8s03"]!.kubelite = "failed"),
    (lab: TestLab) => (lab.leader = null),
    (lab: TestLab) => (lab.nodes["k8s03"]!.process = "paused"),
  ]) {
    const lab = calm();
    breakIt(lab);
    lab.pass(60);
    expect(lab.found.length).toBeGreaterThan(0);
  }
});

test("a member that is stopped and goes on, again and again, is slow and not frozen", () => {
  const lab = calm();
  lab.nodes["k8s03"]!.process = "paused";
  for (let round = 0; round < 100; round += 1) {
    lab.nodes["k8s03"]!.resumes += 1;
    lab.pass(1);
  }
  expect(lab.found).toEqual([]);
});

test("a mute stream whose cache stands still is caught; one of Quorate's own is not", () => {
  const own = calm();
  own.nodes["k8s02"]!.muted = ["/registry/leases/"];
  own.pass(200);
  expect(own.found).toEqual([]);
  const lab = calm();
  lab.nodes["k8s02"]!.muted = ["/registry/leases/"];
  lab.revision += 100;
  lab.pass(100);
  expect(lab.found).toEqual([expect.stringContaining("cache of k8s02")]);
});

test("what could not be seen all the time is not asked for", () => {
  for (const hide of [
    (lab: TestLab) => lab.cuts.add("ops k8s01"),
    (lab: TestLab) => (lab.quorate.watchingSinceMs = null),
    (lab: TestLab) => (lab.quorate.state = "paused"),
    (lab: TestLab) => (lab.isQuick = false),
  ]) {
    const lab = calm();
    lab.nodes["k8s02"]!.isPollAlive = false;
    hide(lab);
    lab.pass(300);
    expect(lab.found).toEqual([]);
  }
});
