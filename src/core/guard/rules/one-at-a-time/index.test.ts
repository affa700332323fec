import { describe, expect, test } from "vitest";
import type { UnitState } from "../../../model/observation.ts";
import { known, unknown } from "../../../model/observed.ts";
import { KUBELITE, type NodeShows, unitState } from "../../../test-node.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { oneAtATimeRule, STABILISED_AFTER_MS } from "./index.ts";

/** What the rule says when a node shows this. */
function judge(node: string, change: Partial<NodeShows>) {
  return oneAtATimeRule.judge(contextOf(deadFeed().change(node, change).run(1)));
}

function datastore(change: Partial<UnitState>): Partial<NodeShows> {
  return { datastore: known(unitState(change)) };
}

function kubelite(change: Partial<UnitState>): Partial<NodeShows> {
  return { kubelite: known(unitState({ unit: KUBELITE, ...change })) };
}

/** A unit that started this long before the rule is asked. */
function startedMs(agoMs: number): Partial<UnitState> {
  return { activeEnterAtMs: deadFeed().run(1).nowMs - agoMs };
}

describe("permits", () => {
  test("while every other unit has run for long", () => {
    expect(judge("node-1", {})).toBeNull();
  });

  test("from a minute after another node's restart on", () => {
    expect(judge("node-3", datastore(startedMs(STABILISED_AFTER_MS)))).toBeNull();
  });

  test("the restart of a node whose own unit has just started: that is the node to be cured", () => {
    expect(judge("node-2", kubelite(startedMs(1000)))).toBeNull();
  });

  test("while another node's unit is stopped: the voters' arithmetic counts it", () => {
    expect(judge("node-3", datastore({ activeState: "inactive", activeEnterAtMs: null }))).toBeNull();
  });

  test("what it cannot read: the rule for unknown rungs refuses that", () => {
    expect(judge("node-3", { datastore: unknown("deadline", "no answer") })).toBeNull();
  });
});

test("permits while systemd restarts another node's kubelite by itself: above a dead feed it does so for ever", () => {
  const looping = { activeState: "activating", subState: "auto-restart", restarts: 4 };
  expect(judge("node-3", kubelite(looping))).toBeNull();
  expect(judge("node-3", kubelite({ ...startedMs(1000), restarts: 1 }))).toBeNull();
  expect(judge("node-3", datastore({ ...startedMs(1000), restarts: 1 }))).toMatchObject({
    reason: "restart-in-progress",
  });
});

describe("refuses", () => {
  test.each([
    ["datastore", datastore(startedMs(STABILISED_AFTER_MS - 1))],
    ["kubelite", kubelite(startedMs(STABILISED_AFTER_MS - 1))],
    ["datastore that only just started", datastore(startedMs(0))],
    ["datastore that is stopping", datastore({ activeState: "deactivating" })],
    ["kubelite that somebody restarts", kubelite({ activeState: "activating", subState: "start" })],
    ["datastore whose clock is ahead of ours", datastore(startedMs(-3_600_000))],
  ])("while another node has a %s", (_, change) => {
    expect(judge("node-3", change)).toMatchObject({ reason: "restart-in-progress" });
  });

  test("and says which unit on which node, and since when", () => {
    expect(judge("node-1", datastore(startedMs(12_000)))?.message).toBe(
      "snap.microk8s.daemon-k8s-dqlite on node-1 started 12 s ago: the cluster has not stabilised",
    );
  });
});
