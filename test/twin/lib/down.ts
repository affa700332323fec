// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { removeCgroups, setFrozen } from "./cgroups.ts";
import { NODES, STATE_DIR, type NodeName } from "./config.ts";
import { crashMachine, unmountRoot } from "./machine.ts";
import { removeNetwork } from "./network.ts";
import { silent, type Progress } from "./progress.ts";
import { withLock } from "./state.ts";
import { somethingExists } from "./status.ts";

/** Takes everything of the twin away; what took long to build stays in the cache. */
export function down(progress: Progress = silent): Promise<void> {
  return withLock(() => downUnlocked(progress));
}

/** For callers that hold the lock already. */
export async function downUnlocked(progress: Progress): Promise<void> {
  if (!existsSync(STATE_DIR) && !(await somethingExists())) {
    progress("nothing to take down");
    return;
  }
  // All at once and without a goodbye: the last members of a dying cluster would wait for a quorum that never comes.
  await Promise.all(NODES.map(removeNode));
  await removeNetwork();
  await rm(STATE_DIR, { recursive: true, force: true });
  progress("down");
}

async function removeNode(node: NodeName): Promise<void> {
  // A frozen process does not die before it is thawed.
  await setFrozen(node, false);
  await crashMachine(node);
  await unmountRoot(node);
  await removeCgroups(node);
}
