import { expect, test } from "vitest";
import { askRestart, createTestLab, goodReads, runUpToIntent, type TestLab } from "../test-lab.ts";
import { unknownRefuses } from "./index.ts";

function askedOn(change: (reads: ReturnType<typeof goodReads>) => void): TestLab {
  const lab = createTestLab(unknownRefuses);
  runUpToIntent(lab, "k8s02");
  const reads = goodReads("k8s02", 1_002_000);
  change(reads);
  askRestart(lab, "k8s02", { reads });
  return lab;
}

const UNREACHABLE = { beganAtMs: 0, endedAtMs: 0, known: false, value: "unreachable" } as const;

test("a restart with everything read passes", () => {
  expect(askedOn(() => undefined).found).toEqual([]);
});

test.each(["k8s02 marker", "k8s02 store", "k8s01 unit datastore", "k8s03 unit kubelite"])(
  "a restart while %s is unknown is caught",
  (key) => {
    expect(askedOn((reads) => reads.set(key, UNREACHABLE)).found).toEqual([
      expect.stringContaining(`"${key}" was unknown`),
    ]);
    expect(askedOn((reads) => reads.delete(key)).found).toEqual([expect.stringContaining("never read")]);
  },
);

test("the lock may be read through any node, and must be through one", () => {
  const elsewhere = askedOn((reads) => {
    const read = reads.get("k8s02 lock");
    if (read !== undefined) reads.set("k8s03 lock", read);
    reads.set("k8s02 lock", UNREACHABLE);
  });
  expect(elsewhere.found).toEqual([]);
  expect(askedOn((reads) => reads.set("k8s02 lock", UNREACHABLE)).found).toEqual([
    expect.stringContaining("the lock was unknown"),
  ]);
});

test("a restart while two of three voters could not be asked is caught, with one of them it passes", () => {
  const one = askedOn((reads) => reads.set("member k8s03:19001", UNREACHABLE));
  expect(one.found).toEqual([]);
  const two = askedOn((reads) => {
    for (const node of ["k8s01", "k8s03"]) reads.set(`member ${node}:19001`, UNREACHABLE);
  });
  expect(two.found).toEqual([expect.stringContaining("1 of 3 voters")]);
});
