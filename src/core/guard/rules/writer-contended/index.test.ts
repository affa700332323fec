import { expect, test } from "vitest";
import { unknown } from "../../../model/observed.ts";
import { LOCK_ERRORS_MAX } from "../../../ladder/store/index.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { writerContendedRule } from "./index.ts";

function judge(node: string, lockErrors: number) {
  return writerContendedRule.judge(contextOf(deadFeed().change(node, { lockErrors }).run(1)));
}

test.each(["node-1", "node-2", "node-3"])("refuses while writes fail for contention as %s sees it", (node) => {
  expect(judge(node, LOCK_ERRORS_MAX)).toMatchObject({ reason: "contended" });
  expect(judge(node, LOCK_ERRORS_MAX)?.message).toMatch(
    new RegExp(`^on ${node} the writer is contended: 10 writes failed`),
  );
});

test("does not refuse the few that any leader change brings", () => {
  expect(judge("node-1", LOCK_ERRORS_MAX - 1)).toBeNull();
  expect(judge("node-1", 0)).toBeNull();
});

test("does not refuse when the journal cannot be read: it is a witness, not a gate", () => {
  const cluster = deadFeed();
  cluster.see("node-1", { kind: "lock-errors", reading: unknown("permission-denied", "journalctl: no permission") });
  expect(writerContendedRule.judge(contextOf(cluster))).toBeNull();
});
