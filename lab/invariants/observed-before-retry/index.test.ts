import { expect, test } from "vitest";
import { askRestart, createTestLab, goodReads, OLD_ID, runUpToIntent, type TestLab } from "../test-lab.ts";
import { observedBeforeRetry } from "./index.ts";

const REQUEST = { role: "datastore", expectedInvocationId: OLD_ID, token: 7, deadlineMs: 45_000 } as const;

function leftOpen(): TestLab {
  const lab = createTestLab(observedBeforeRetry);
  runUpToIntent(lab, "k8s02");
  askRestart(lab, "k8s02");
  lab.pass(45);
  const outcome = { outcome: "indeterminate", detail: "" } as const;
  lab.says({ kind: "restart-answered", node: "k8s02", request: REQUEST, outcome });
  return lab;
}

test("another try after the unit was read and is unchanged passes", () => {
  const lab = leftOpen();
  lab.pass(5);
  askRestart(lab, "k8s02", { reads: goodReads("k8s02", 1_052_000) });
  expect(lab.found).toEqual([]);
});

test("another try without a look at the unit is caught", () => {
  const lab = leftOpen();
  lab.pass(5);
  askRestart(lab, "k8s02", { reads: goodReads("k8s02", 1_040_000) });
  expect(lab.found).toEqual([expect.stringContaining("had not read")]);
});

test("another try on an InvocationID that is no more is caught", () => {
  const lab = leftOpen();
  lab.pass(5);
  const reads = goodReads("k8s02", 1_052_000);
  const read = reads.get("k8s02 unit datastore");
  if (read !== undefined) reads.set("k8s02 unit datastore", { ...read, value: { invocationId: "e".repeat(32) } });
  askRestart(lab, "k8s02", { reads });
  expect(lab.found).toEqual([expect.stringContaining("is no more")]);
});

test("an answer closes it, and a kill leaves it open", () => {
  const lab = leftOpen();
  const outcome = { outcome: "restarted", invocationId: "e".repeat(32) } as const;
  lab.says({ kind: "restart-answered", node: "k8s02", request: REQUEST, outcome });
  askRestart(lab, "k8s02", { reads: new Map() });
  expect(lab.found).toEqual([]);
  lab.pass(10);
  lab.says({ kind: "quorate-started" });
  askRestart(lab, "k8s02", { reads: goodReads("k8s02", 1_050_000) });
  expect(lab.found).toHaveLength(1);
});
