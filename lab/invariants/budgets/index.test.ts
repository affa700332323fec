import { expect, test } from "vitest";
import { createTestLab } from "../test-lab.ts";
import { budgets } from "./index.ts";

test("two restarts on a node within the hour pass, the third is caught", () => {
  const lab = createTestLab(budgets);
  lab.restart("k8s02", "quorate/quorate");
  lab.pass(1200);
  lab.restart("k8s02", "quorate/quorate", "kubelite");
  expect(lab.found).toEqual([]);
  lab.pass(1200);
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("3 times within the hour")]);
});

test("six in a day pass, the seventh is caught; others' do not count", () => {
  const lab = createTestLab(budgets);
  for (let done = 0; done < 6; done += 1) {
    lab.restart("k8s02", "quorate/quorate");
    lab.restart("k8s02", "operator");
    lab.pass(3700);
  }
  expect(lab.found).toEqual([]);
  lab.restart("k8s03", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("7 units within the day")]);
});
