import { describe, expect, test } from "vitest";
import type { Cause } from "../ladder/climb.ts";
import { RUNG_IDS, type RungId } from "../model/verdict.ts";
import { microk8s } from "../profiles/microk8s/index.ts";
import { PROFILES } from "../profiles/registry.ts";
import { adviceFor, remedyFor, secondRemedyFor } from "./remedy.ts";

function cause(rung: RungId, reason = "x", votersTooFew: number | null = null): Cause {
  const verdict = { rung, node: "node-2", state: "broken", reason, message: "", evidence: [] } as const;
  return { node: "node-2", rung, verdict, consequences: [], unknownBelow: [], votersTooFew };
}

describe("the remedy", () => {
  test.each(["feed", "cache"] as const)(
    "of a broken %s is the restart of that node's datastore, and no more",
    (rung) => {
      expect(remedyFor(cause(rung), microk8s)).toMatchObject({
        rung,
        action: { kind: "restart-unit", node: "node-2", role: "datastore", unit: "snap.microk8s.daemon-k8s-dqlite" },
      });
    },
  );

  test.each(["unit", "quorum", "store"] as const)("of a broken %s is for people: none", (rung) => {
    expect(remedyFor(cause(rung), microk8s)).toBeNull();
    expect(adviceFor(cause(rung), microk8s)).not.toContain("quorate recover");
  });

  test("is none on a distribution on which nothing was ever tried", () => {
    for (const profile of PROFILES.filter(({ status }) => status === "planned")) {
      for (const rung of RUNG_IDS) {
        expect(remedyFor(cause(rung), profile)).toBeNull();
        expect(adviceFor(cause(rung), profile)).not.toContain("quorate recover");
      }
    }
  });

  test("is none where the datastore is no unit, even if the profile permits the rung", () => {
    const units = { ...microk8s.units, datastore: null };
    expect(remedyFor(cause("feed"), { ...microk8s, units })).toBeNull();
  });
});

describe("with too few voters to spare one", () => {
  test.each(["feed", "cache"] as const)("a broken %s has no remedy of ours", (rung) => {
    for (const voters of [1, 2]) {
      expect(remedyFor(cause(rung, "x", voters), microk8s)).toBeNull();
      expect(adviceFor(cause(rung, "x", voters), microk8s)).not.toContain("quorate recover");
    }
  });

  test("a person is told what a restart of the only voter is", () => {
    const advice = adviceFor(cause("feed", "x", 1), microk8s);
    expect(advice).toMatch(
      /only voter is on node-2.* snap\.microk8s\.daemon-k8s-dqlite .*short outage.*a person decides/,
    );
  });

  test("a person is told that one of two voters cannot be spared", () => {
    expect(adviceFor(cause("cache", "x", 2), microk8s)).toMatch(/loses quorum until it is back.*a person decides/);
  });
});

describe("the second remedy", () => {
  const first = remedyFor(cause("feed"), microk8s);
  if (first === null) throw new Error("no remedy");

  test("is kubelite's restart on the same node", () => {
    expect(secondRemedyFor(first, microk8s)?.action).toMatchObject({ role: "kubelite", node: "node-2" });
  });

  test("has no third after it", () => {
    const second = secondRemedyFor(first, microk8s);
    expect(second === null ? "none" : secondRemedyFor(second, microk8s)).toBeNull();
  });

  test("is none where kubelite is no unit", () => {
    expect(secondRemedyFor(first, { ...microk8s, units: { ...microk8s.units, kubelite: null } })).toBeNull();
  });
});

test("the advice never asks for what a person has stopped to be started again", () => {
  expect(adviceFor(cause("unit", "stopped-on-purpose"), microk8s)).toContain("stays stopped");
  expect(adviceFor(cause("unit", "stopped"), microk8s)).toContain("stays stopped");
  expect(adviceFor(cause("unit", "failed"), microk8s)).toContain("read the unit's journal");
});

test("every rung has advice", () => {
  for (const rung of RUNG_IDS) expect(adviceFor(cause(rung), microk8s)).not.toBe("");
});
