// SPDX-License-Identifier: Apache-2.0
import { setFrozen } from "../cgroups.ts";
import { components } from "../components.ts";
import { DQLITE_UNIT, KUBELITE_UNIT, SNAP_DATA, type NodeName } from "../config.ts";
import { bootMachine, crashMachine, initProcess, runOnNodeOk } from "../machine.ts";
import { setCable } from "../network.ts";
import { silent } from "../progress.ts";
import { binds } from "../provision.ts";
import { readState } from "../state.ts";
import { fault, type Fault } from "./fault.ts";

/** Longer than TimeoutStopSec of the units, so that systemd and not we decide how a stop ends. */
const STOP_TIMEOUT_MS = 60_000;

/** Pulls the node's cable: no packet in or out, processes and loopback live on. */
export async function cutNetwork(node: NodeName): Promise<Fault> {
  await setCable(node, false);
  return fault(`cable of ${node} pulled`, () => setCable(node, true));
}

/** Stops all processes of the node at once: connections stay open and nobody answers. */
export async function freezeNode(node: NodeName): Promise<Fault> {
  await setFrozen(node, true);
  return fault(`${node} frozen`, () => setFrozen(node, false));
}

/** Stops one unit as an administrator would with systemctl. */
export async function stopUnit(node: NodeName, unit: string): Promise<Fault> {
  await runOnNodeOk(node, ["systemctl", "stop", unit], { timeoutMs: STOP_TIMEOUT_MS });
  return fault(`${unit} of ${node} stopped`, () => startUnit(node, unit));
}

export async function startUnit(node: NodeName, unit: string): Promise<void> {
  await runOnNodeOk(node, ["systemctl", "start", unit], { timeoutMs: STOP_TIMEOUT_MS });
}

/** What `microk8s stop` does: leaves the mark of a deliberate stop, then stops the services. */
export async function stopNodeOnPurpose(node: NodeName): Promise<Fault> {
  const mark = `${SNAP_DATA}/var/lock/stopped.lock`;
  await runOnNodeOk(node, ["touch", mark]);
  for (const unit of [KUBELITE_UNIT, DQLITE_UNIT]) {
    await runOnNodeOk(node, ["systemctl", "stop", unit], { timeoutMs: STOP_TIMEOUT_MS });
  }
  return fault(`${node} stopped on purpose`, async () => {
    await runOnNodeOk(node, ["rm", "-f", mark]);
    for (const unit of [DQLITE_UNIT, KUBELITE_UNIT]) await startUnit(node, unit);
  });
}

/** Pulls the node's power. */
export async function crashNode(node: NodeName): Promise<Fault> {
  await crashMachine(node);
  return fault(`${node} crashed`, () => bootNode(node));
}

/** Switches the node on again with the disk it had. */
export async function bootNode(node: NodeName): Promise<void> {
  if (initProcess(node) !== undefined) return;
  const state = await readState();
  await bootMachine(node, await binds(state?.components ?? (await components(silent))));
}

/** What `fillJournalDisk` leaves of the journal's disk: journald needs more than this to write a line. */
const JOURNAL_DISK_BYTES = 9 * 1024 * 1024;

/** Gives the journal a disk of its own that is already full. */
export async function fillJournalDisk(node: NodeName): Promise<Fault> {
  const dir = "/var/log/journal";
  await runOnNodeOk(node, ["mount", "-t", "tmpfs", "-o", `size=${JOURNAL_DISK_BYTES},mode=0755`, "tmpfs", dir]);
  await runOnNodeOk(node, ["fallocate", "-l", String(JOURNAL_DISK_BYTES - 65_536), `${dir}/full`]);
  await runOnNodeOk(node, ["systemctl", "restart", "systemd-journald.service"]);
  return fault(`journal disk of ${node} full`, async () => {
    await runOnNodeOk(node, ["umount", "--lazy", dir]);
    await runOnNodeOk(node, ["systemctl", "restart", "systemd-journald.service"]);
  });
}
