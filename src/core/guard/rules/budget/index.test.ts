import { expect, test } from "vitest";
import type { PastAction } from "../../../model/action.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { ACTIONS_PER_CLUSTER_AND_DAY_MAX, ACTIONS_PER_NODE_AND_HOUR_MAX, budgetRule } from "./index.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const cluster = deadFeed();

/** So many restarts of a node, the last one that long ago. */
function restarts(node: string, count: number, agoMs: number): readonly PastAction[] {
  return Array.from({ length: count }, () => ({ node, atMs: cluster.nowMs - agoMs }));
}

function reason(pastActions: readonly PastAction[]): string | null {
  return budgetRule.judge(contextOf(cluster, { pastActions }))?.reason ?? null;
}

test("permits the first restarts of a node: a cure is one, at most two", () => {
  expect(reason([])).toBeNull();
  expect(reason(restarts("node-2", ACTIONS_PER_NODE_AND_HOUR_MAX - 1, MINUTE_MS))).toBeNull();
});

test("refuses the third restart of a node within the hour", () => {
  expect(reason(restarts("node-2", ACTIONS_PER_NODE_AND_HOUR_MAX, HOUR_MS - 1))).toBe("node-budget");
});

test("does not count what is an hour old, or another node's", () => {
  expect(reason(restarts("node-2", ACTIONS_PER_NODE_AND_HOUR_MAX, HOUR_MS))).toBeNull();
  expect(reason(restarts("node-3", ACTIONS_PER_CLUSTER_AND_DAY_MAX - 1, MINUTE_MS))).toBeNull();
});

test("refuses the seventh restart in a cluster within a day, whichever node's", () => {
  const past = [...restarts("node-1", 3, 20 * HOUR_MS), ...restarts("node-3", 3, 2 * HOUR_MS)];
  expect(reason(past)).toBe("cluster-budget");
  expect(reason(past.slice(1))).toBeNull();
  expect(reason(restarts("node-1", ACTIONS_PER_CLUSTER_AND_DAY_MAX, 24 * HOUR_MS))).toBeNull();
});

test("counts a restart that lies in the future, as a clock that was set back shows it", () => {
  expect(reason(restarts("node-2", ACTIONS_PER_NODE_AND_HOUR_MAX, -HOUR_MS))).toBe("node-budget");
});
