import { beforeAll, describe, expect, test } from "vitest";
import { DQLITE_UNIT, KUBELITE_UNIT, kube, type NodeName, NODES, sshConfigPath } from "../lib/twin.ts";
import {
  freezeSomeFeed,
  invocationId,
  isFeedDead,
  journalNow,
  makeWhole,
  startsSince,
  waitUntilStable,
} from "./support/cluster.ts";
import { newState, recover, recoverKilledAfter } from "./support/quorate.ts";

/** The journal of a run that cures: opened, lock-intent, lock-held, act-intent, act-outcome, proof, lock-released, closed. */
const ENTRIES = [1, 2, 3, 4, 5, 6, 7];

beforeAll(makeWhole);

describe("(g) recover is killed by SIGKILL after each entry of its journal, and started again", () => {
  for (const entries of ENTRIES) {
    test(`after entry ${entries}: exactly one restart in the end, cured, and the lock is free`, async () => {
      const node = await someDeadFeed();
      const state = newState();
      const since = journalNow();
      const kubelite = await invocationId(node, KUBELITE_UNIT);
      const killed = await recoverKilledAfter(entries, [sshConfigPath, state, node, ...NODES]);
      expect(killed.signal, killed.stderr).toBe("SIGKILL");
      const { document, stderr } = await recover(state, ["--node", node]);
      expect(document.result, `${killed.stderr}${stderr}`).toBe("cured");
      expect(await startsSince(node, DQLITE_UNIT, since)).toBe(1);
      expect(await invocationId(node, KUBELITE_UNIT)).toBe(kubelite);
      expect(await isFeedDead(node)).toBe(false);
      expect(await lockHolder(node)).toBe("");
    });
  }
});

/** A node whose feed is dead: one that is left of the last pause, or the leader is paused again. */
async function someDeadFeed(): Promise<NodeName> {
  for (const node of NODES) {
    if (!(await isFeedDead(node).catch(() => false))) continue;
    await waitUntilStable();
    return node;
  }
  const freeze = await freezeSomeFeed();
  await waitUntilStable();
  return freeze.dead[0] as NodeName;
}

async function lockHolder(node: NodeName): Promise<string> {
  const answer = await kube(node, "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/quorate-restart");
  return (JSON.parse(answer.body) as { spec: { holderIdentity?: string } }).spec.holderIdentity ?? "";
}
