// SPDX-License-Identifier: Apache-2.0
import { DQLITE_PORT, nodeAddress, NODES, TOOLS_DIR, type NodeName } from "./config.ts";
import { describeFailure } from "./exec.ts";
import { runOnNode } from "./machine.ts";

export type Member = { readonly id: string; readonly address: string; readonly role: 0 | 1 | 2 };
export type MemberView = {
  /** Empty when this member knows no leader. */
  readonly leader: string;
  readonly members: readonly Member[];
};

/** What the node's datastore believes. Asked from the node itself, so a cut network does not hide it. */
export async function memberView(node: NodeName): Promise<MemberView> {
  const argv = [`${TOOLS_DIR}/dqlite-cluster`, `${nodeAddress(node)}:${DQLITE_PORT}`];
  const result = await runOnNode(node, argv, { timeoutMs: 10_000 });
  if (result.code !== 0) throw new Error(describeFailure(["dqlite-cluster", node], result));
  return JSON.parse(result.stdout) as MemberView;
}

/** The node that a majority names as leader and that names itself; undefined while there is none. */
export async function datastoreLeader(): Promise<NodeName | undefined> {
  const views = await Promise.all(NODES.map((node) => memberView(node).catch(() => undefined)));
  for (const [index, node] of NODES.entries()) {
    const address = `${nodeAddress(node)}:${DQLITE_PORT}`;
    const named = views.filter((view) => view?.leader === address).length;
    if (named * 2 > NODES.length && views[index]?.leader === address) return node;
  }
  return undefined;
}
