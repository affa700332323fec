// SPDX-License-Identifier: Apache-2.0
import { setFrozen } from "../cgroups.ts";
import { NODES } from "../config.ts";
import { initProcess } from "../machine.ts";
import { isCablePlugged, setCable } from "../network.ts";
import { bootNode } from "./node-faults.ts";
import { resumeProcesses } from "./process-faults.ts";

export { type Fault } from "./fault.ts";
export {
  bootNode,
  crashNode,
  cutNetwork,
  fillJournalDisk,
  freezeNode,
  startUnit,
  stopNodeOnPurpose,
  stopUnit,
} from "./node-faults.ts";
export { skewedArgv } from "./clock.ts";
export {
  holdWatchStreams,
  releaseWatchStreams,
  slowWatchConsumer,
  useWatchProxy,
  writeConfigMaps,
  type SlowConsumer,
} from "./watch-faults.ts";
export {
  apiserverProcess,
  controllerManagerProcess,
  datastoreProcess,
  killDatastore,
  pauseDatastore,
  stopApiserver,
  stopDatastore,
  type Pause,
} from "./process-faults.ts";

/**
 * Mends what a test that failed midway may have left: frozen nodes, paused processes, pulled cables, nodes that are
 * off. Units that were stopped stay stopped, because the twin cannot know who meant what.
 */
export async function undoAll(): Promise<void> {
  for (const node of NODES) {
    if (initProcess(node) === undefined) await bootNode(node);
    await setFrozen(node, false);
    resumeProcesses(node);
    if (!(await isCablePlugged(node))) await setCable(node, true);
  }
}
