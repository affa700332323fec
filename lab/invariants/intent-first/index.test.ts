import { expect, test } from "vitest";
import { askRestart, createTestLab, runUpToIntent } from "../test-lab.ts";
import { intentFirst } from "./index.ts";

test("a restart with its intent in the journal passes", () => {
  const lab = createTestLab(intentFirst);
  runUpToIntent(lab, "k8s02");
  askRestart(lab, "k8s02");
  expect(lab.found).toEqual([]);
});

test.each([
  ["of another node", "k8s03", {}],
  ["with another token", "k8s02", { token: 8 }],
  ["of another unit", "k8s02", { role: "kubelite" as const }],
])("a restart %s than the intent says is caught", (_, node, options) => {
  const lab = createTestLab(intentFirst);
  runUpToIntent(lab, "k8s02");
  askRestart(lab, node, options);
  expect(lab.found).toEqual([expect.stringContaining("without a durable intent")]);
});

test("a restart without any run, or after the intent's outcome, is caught", () => {
  const lab = createTestLab(intentFirst);
  askRestart(lab, "k8s02");
  runUpToIntent(lab, "k8s02");
  lab.entry({ kind: "act-outcome", outcome: "restarted", invocationId: "x", detail: "" });
  askRestart(lab, "k8s02");
  expect(lab.found).toHaveLength(2);
});
