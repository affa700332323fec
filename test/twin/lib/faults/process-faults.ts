// SPDX-License-Identifier: Apache-2.0
import { DQLITE_UNIT, KUBELITE_UNIT, type NodeName } from "../config.ts";
import { initProcess } from "../machine.ts";
import { allPids, isInCgroup, pidNamespace, readProcess, signalProcess, type Process } from "../processes.ts";
import { sleep } from "../wait.ts";
import { fault, type Fault } from "./fault.ts";

/** The k8s-dqlite process itself. Undefined while its wrapper still sleeps: that is bash, not the datastore. */
export function datastoreProcess(node: NodeName): Process | undefined {
  return processOfUnit(node, DQLITE_UNIT, "/k8s-dqlite");
}

export function apiserverProcess(node: NodeName): Process | undefined {
  return processOfUnit(node, KUBELITE_UNIT, "/kube-apiserver");
}

export function controllerManagerProcess(node: NodeName): Process | undefined {
  return processOfUnit(node, KUBELITE_UNIT, "/kube-controller-manager");
}

function processOfUnit(node: NodeName, unit: string, program: string): Process | undefined {
  const init = initProcess(node);
  const namespace = init === undefined ? undefined : pidNamespace(init.pid);
  if (namespace === undefined) return undefined;
  for (const pid of allPids()) {
    // Cheap questions first: most processes of the machine are not the node's.
    if (pidNamespace(pid) !== namespace || !isInCgroup(pid, unit)) continue;
    const found = readProcess(pid);
    if (found?.argv[0]?.endsWith(program) === true) return found;
  }
  return undefined;
}

export type Pause = { readonly stoppedAtMs: number; readonly resumedAtMs: number };

/** Stops the node's datastore process for some seconds, as a stalled disk or a starved machine does. */
export async function pauseDatastore(node: NodeName, seconds: number): Promise<Pause> {
  const stopped = stopDatastore(node);
  try {
    await sleep(seconds * 1000);
  } finally {
    await stopped.undo();
  }
  return { stoppedAtMs: stopped.startedAtMs, resumedAtMs: Date.now() };
}

/** The same until it is undone. */
export function stopDatastore(node: NodeName): Fault {
  return stopProcess(`datastore of ${node} paused`, datastoreProcess(node), node);
}

/** Stops the apiserver's process: its streams stay open, nobody reads them. */
export function stopApiserver(node: NodeName): Fault {
  return stopProcess(`apiserver of ${node} paused`, apiserverProcess(node), node);
}

function stopProcess(name: string, found: Process | undefined, node: NodeName): Fault {
  const target = required(found, node);
  if (!signalProcess(target, "SIGSTOP")) throw new Error(`${node}: ${target.argv[0]} has just ended`);
  return fault(name, async () => {
    signalProcess(target, "SIGCONT");
  });
}

/** Kills the datastore without a goodbye. systemd restarts it, so undoing means nothing more than waiting. */
export function killDatastore(node: NodeName): Fault {
  const target = required(datastoreProcess(node), node);
  signalProcess(target, "SIGKILL");
  return fault(`datastore of ${node} killed`, async () => {});
}

function required(found: Process | undefined, node: NodeName): Process {
  if (found === undefined) throw new Error(`${node}: no such process runs`);
  return found;
}

/** Resumes every stopped process of the node, whoever stopped it. */
export function resumeProcesses(node: NodeName): number {
  const init = initProcess(node);
  const namespace = init === undefined ? undefined : pidNamespace(init.pid);
  if (namespace === undefined) return 0;
  const stopped = allPids()
    .filter((pid) => pidNamespace(pid) === namespace)
    .map(readProcess)
    .filter((found) => found?.state === "T");
  for (const found of stopped) if (found !== undefined) signalProcess(found, "SIGCONT");
  return stopped.length;
}
