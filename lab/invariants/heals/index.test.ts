import { expect, test } from "vitest";
import { createTestLab, type TestLab } from "../test-lab.ts";
import { heals } from "./index.ts";

function healed(change: (lab: TestLab) => void): readonly string[] {
  const lab = createTestLab(heals);
  lab.tell({ kind: "phase", phase: "liveness" });
  for (const node of Object.values(lab.nodes)) node.caches.set("leases.coordination.k8s.io", 5100);
  change(lab);
  lab.finish();
  return lab.found;
}

test("a healthy cluster passes", () => {
  expect(healed(() => undefined)).toEqual([]);
});

test.each<[string, (lab: TestLab) => void]>([
  ["no leader", (lab) => (lab.leader = null)],
  ["no power", (lab) => (lab.nodes["k8s02"]!.isUp = false)],
  ["failed", (lab) => (lab.nodes["k8s02"]!.datastore = "failed")],
  ["feed of k8s02 is dead", (lab) => (lab.nodes["k8s02"]!.isPollAlive = false)],
  ["mute", (lab) => (lab.nodes["k8s02"]!.muted = ["/registry/pods/"])],
  ["watch cache of k8s02", (lab) => lab.nodes["k8s02"]!.caches.set("leases.coordination.k8s.io", 5000)],
])("%s at the end is caught", (said, change) => {
  expect(healed(change)).toEqual([expect.stringContaining(said)]);
});

function killFeed(lab: TestLab): void {
  lab.nodes["k8s02"]!.isPollAlive = false;
}

test("what is left to people is theirs: past the budget, or where Quorate only looks", () => {
  const refusal = { rule: "budget", reason: "node-budget", message: "m", next: "n", evidence: [] };
  const spent = healed((lab) => {
    killFeed(lab);
    const end = {
      end: "ran",
      runId: "r1",
      node: "k8s02",
      resumed: false,
      result: "refused",
      message: "m",
      refusals: [refusal],
    } as const;
    lab.says({ kind: "recover-ended", end });
  });
  const looking = healed((lab) => {
    killFeed(lab);
    lab.quorate.mode = "observe";
  });
  expect([...spent, ...looking]).toEqual([]);
});
