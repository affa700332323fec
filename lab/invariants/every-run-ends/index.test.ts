import { expect, test } from "vitest";
import { createTestLab, OLD_ID, runUpToIntent, type TestLab } from "../test-lab.ts";
import { everyRunEnds } from "./index.ts";

const RESTARTED = { kind: "act-outcome", outcome: "restarted", invocationId: OLD_ID, detail: "" } as const;

function close(result: string, message = "m"): (lab: TestLab) => void {
  return (lab) => {
    lab.entry(RESTARTED);
    lab.entry({ kind: "closed", result, message });
  };
}

function ended(end: (lab: TestLab) => void): readonly string[] {
  const lab = createTestLab(everyRunEnds);
  runUpToIntent(lab, "k8s02");
  end(lab);
  lab.finish();
  return lab.found;
}

test("a run that was cured, proven and closed passes", () => {
  const found = ended((lab) => {
    lab.entry(RESTARTED);
    lab.entry({ kind: "proof", cured: true, detail: "" });
    lab.entry({ kind: "closed", result: "cured", message: "cured" });
  });
  expect(found).toEqual([]);
});

test("a run that is still open is caught", () => {
  expect(ended(() => undefined)).toEqual([expect.stringContaining("never ended: its last entry is act-intent")]);
});

test("an end that does not fit what happened is caught", () => {
  expect(ended(close("refused"))).toEqual([expect.stringContaining("refused after a restart")]);
  expect(ended(close("cured"))).toEqual([expect.stringContaining("without a proof")]);
  expect(ended(close("escalated", ""))).toEqual([expect.stringContaining("without a word")]);
  expect(ended(close("escalated"))).toEqual([]);
});

test("an error that ended the program is caught", () => {
  const lab = createTestLab(everyRunEnds);
  lab.says({ kind: "quorate-crashed", error: "TypeError: x" });
  expect(lab.found).toEqual([expect.stringContaining("TypeError: x")]);
});
