import { expect, test } from "vitest";
import { askRestart, createTestLab, goodReads, runUpToIntent } from "../test-lab.ts";
import { decidedAgain } from "./index.ts";

test("a restart on reads that were made under the lock passes", () => {
  const lab = createTestLab(decidedAgain);
  runUpToIntent(lab, "k8s02");
  askRestart(lab, "k8s02");
  expect(lab.found).toEqual([]);
});

test.each(["k8s01 unit kubelite", "k8s02 store", "k8s02 lock"])(
  "a restart that rests on a read of %s from before the lock is caught",
  (key) => {
    const lab = createTestLab(decidedAgain);
    runUpToIntent(lab, "k8s02");
    const reads = goodReads("k8s02", 1_002_000);
    const read = reads.get(key);
    if (read !== undefined) reads.set(key, { ...read, endedAtMs: 999_000 });
    askRestart(lab, "k8s02", { reads });
    expect(lab.found).toEqual([expect.stringContaining("(read 3000 ms before")]);
  },
);

test("a run that was resumed reads everything anew, however long ago the lock was taken", () => {
  const lab = createTestLab(decidedAgain);
  runUpToIntent(lab, "k8s02");
  const reads = goodReads("k8s02", 1_002_000);
  lab.pass(3);
  lab.says({ kind: "quorate-started" });
  lab.pass(1);
  askRestart(lab, "k8s02", { reads });
  expect(lab.found).toHaveLength(1);
});
