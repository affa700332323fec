import { expect, test } from "vitest";
import { createTestLab, ladderOf, runUpToIntent, type TestLab } from "../test-lab.ts";
import { noIdleWrites } from "./index.ts";

const LOCK = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/quorate-restart";

function write(lab: TestLab, path = LOCK): void {
  lab.says({ kind: "write", node: "k8s02", method: "PUT", path });
}

test("the lock's Lease is written in a run that is on", () => {
  const lab = createTestLab(noIdleWrites);
  runUpToIntent(lab, "k8s02");
  write(lab);
  expect(lab.found).toEqual([]);
});

test("anything else that is written is caught", () => {
  const lab = createTestLab(noIdleWrites);
  runUpToIntent(lab, "k8s02");
  write(lab, "/api/v1/namespaces/kube-system/events");
  expect(lab.found).toEqual([expect.stringContaining("wrote PUT /api/v1")]);
});

test("a write without a run, or after its end, is caught", () => {
  const lab = createTestLab(noIdleWrites);
  write(lab);
  runUpToIntent(lab, "k8s02");
  lab.entry({ kind: "closed", result: "cured", message: "m" });
  write(lab);
  expect(lab.found).toHaveLength(2);
});

test("taking the lock after half a minute of a contended writer is caught; giving it back then is needed", () => {
  const lab = createTestLab(noIdleWrites);
  lab.quorate.ladder = ladderOf({ k8s01: "store" }, "degraded", "writer-contended");
  lab.pass(30);
  lab.entry({ kind: "opened", runbook: "", node: "k8s02", rung: "feed", resources: [], holder: "quorate/r1" });
  lab.entry({ kind: "lock-intent" });
  write(lab);
  expect(lab.found).toEqual([expect.stringContaining("contended writer")]);
  lab.entry({ kind: "lock-held", token: 7 });
  write(lab);
  expect(lab.found).toHaveLength(1);
});
