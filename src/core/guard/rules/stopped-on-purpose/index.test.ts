import { describe, expect, test } from "vitest";
import { known, unknown } from "../../../model/observed.ts";
import { TestCluster } from "../../../test-cluster.ts";
import { KUBELITE, type NodeShows, unitState } from "../../../test-node.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { stoppedOnPurposeRule } from "./index.ts";

function reason(change: Partial<NodeShows>, node = "node-2"): string | null {
  return stoppedOnPurposeRule.judge(contextOf(deadFeed().change(node, change).run(1)))?.reason ?? null;
}

describe("permits", () => {
  test("the restart of a unit that runs, on a node without a stop marker", () => {
    expect(reason({})).toBeNull();
  });

  test("when another node was stopped on purpose: the voters' arithmetic counts it", () => {
    expect(reason({ stopped: known(true) }, "node-3")).toBeNull();
  });

  test("when only the other unit of the node is down", () => {
    expect(reason({ kubelite: known(unitState({ unit: KUBELITE, activeState: "failed" })) })).toBeNull();
  });
});

describe("refuses", () => {
  test("a node whose stop marker is set, though its units run", () => {
    expect(reason({ stopped: known(true) })).toBe("marker-set");
  });

  test.each(["permission-denied", "deadline", "unreachable"] as const)(
    "when the marker cannot be read (%s): a person may have stopped it",
    (why) => {
      expect(reason({ stopped: unknown(why, "no answer") })).toBe("marker-unknown");
    },
  );

  test("when the marker was never read", () => {
    expect(stoppedOnPurposeRule.judge(contextOf(new TestCluster()))).toMatchObject({ reason: "marker-unknown" });
  });

  test.each(["inactive", "failed", "activating", "deactivating"])(
    "a unit that is %s: it is not started",
    (activeState) => {
      expect(reason({ datastore: known(unitState({ activeState })) })).toBe("unit-not-active");
    },
  );
});
