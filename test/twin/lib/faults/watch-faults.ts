// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  KINE_PROXY_SOCKET,
  KINE_SOCKET,
  KUBELITE_UNIT,
  NODES,
  nodeRoot,
  SNAP,
  SNAP_DATA,
  TOOLS_DIR,
  WATCH_HOLD_FILE,
  WATCH_PROXY_UNIT,
  type NodeName,
} from "../config.ts";
import { isReady } from "../kube.ts";
import { runOnNode, runOnNodeOk } from "../machine.ts";
import { sleep, waitUntil } from "../wait.ts";
import { fault, type Fault } from "./fault.ts";
import { stopApiserver } from "./process-faults.ts";

/** A restarted apiserver needs 3 to 10 s here; three may start at once on a loaded machine. */
const READY_TIMEOUT_MS = 120_000;

export type SlowConsumer = {
  readonly pauseSeconds?: number;
  readonly writes?: number;
  /** The node that the writes go through. */
  readonly through?: NodeName;
};

/** The size that the writes had when the partial freeze was first measured. */
const OBJECT_BYTES = 40_000;

/**
 * Pauses the node's apiserver while many updates of one resource go through another node, then lets it go on. The
 * datastore's stream for that resource overflows and stays mute for ever, all others are fine afterwards.
 */
export async function slowWatchConsumer(node: NodeName, options: SlowConsumer = {}): Promise<Fault> {
  const pauseMs = (options.pauseSeconds ?? 150) * 1000;
  const through = options.through ?? NODES.find((other) => other !== node) ?? node;
  const paused = stopApiserver(node);
  try {
    const startMs = performance.now();
    await writeConfigMaps(through, options.writes ?? 700, pauseMs);
    await sleep(Math.max(0, pauseMs - (performance.now() - startMs)));
  } finally {
    await paused.undo();
  }
  // What broke is inside the datastore's process: only its restart mends it, and that is the product's task.
  return fault(`configmaps watch of ${node} overflowed`, async () => {});
}

/** Updates one ConfigMap again and again through the node's apiserver. */
export async function writeConfigMaps(node: NodeName, writes: number, timeoutMs: number): Promise<void> {
  const argv = [`${TOOLS_DIR}/write-configmaps`, String(writes), String(OBJECT_BYTES)];
  await runOnNodeOk(node, argv, { timeoutMs: Math.max(timeoutMs, 30_000) });
}

/** Puts the proxy between the node's apiserver and its datastore, or takes it out. Restarts kubelite either way. */
export async function useWatchProxy(node: NodeName, on: boolean): Promise<void> {
  if ((await runOnNode(node, ["test", "-x", `${SNAP}/bin/watch-proxy`])).code !== 0) {
    throw new Error("the watch proxy is not built: see test/twin/components/watch-proxy");
  }
  if (on) await startProxy(node);
  await pointApiserverAt(node, on ? KINE_PROXY_SOCKET : KINE_SOCKET);
  await runOnNodeOk(node, ["systemctl", "restart", KUBELITE_UNIT], { timeoutMs: 60_000 });
  await waitUntil(`${node}: apiserver ready`, () => isReady(node), { timeoutMs: READY_TIMEOUT_MS, everyMs: 500 });
  if (!on) await runOnNodeOk(node, ["systemctl", "stop", WATCH_PROXY_UNIT]);
}

async function startProxy(node: NodeName): Promise<void> {
  await runOnNodeOk(node, ["rm", "-f", WATCH_HOLD_FILE]);
  await runOnNodeOk(node, ["systemctl", "restart", WATCH_PROXY_UNIT]);
  await waitUntil(
    `${node}: watch proxy`,
    async () => (await runOnNode(node, ["test", "-S", KINE_PROXY_SOCKET])).code === 0,
    { timeoutMs: 10_000 },
  );
}

async function pointApiserverAt(node: NodeName, socket: string): Promise<void> {
  const file = join(nodeRoot(node), SNAP_DATA, "args/kube-apiserver");
  const args = await readFile(file, "utf8");
  await writeFile(file, args.replace(/^--etcd-servers=.*$/m, `--etcd-servers=unix://${socket}`));
}

/** Holds back every event on the node's watch streams; pings and all other calls pass. Needs `useWatchProxy`. */
export async function holdWatchStreams(node: NodeName): Promise<Fault> {
  const active = await runOnNode(node, ["systemctl", "is-active", "--quiet", WATCH_PROXY_UNIT]);
  if (active.code !== 0) throw new Error(`${node}: call useWatchProxy(node, true) first`);
  await runOnNodeOk(node, ["touch", WATCH_HOLD_FILE]);
  return fault(`watch streams of ${node} held`, () => releaseWatchStreams(node));
}

export async function releaseWatchStreams(node: NodeName): Promise<void> {
  await runOnNodeOk(node, ["rm", "-f", WATCH_HOLD_FILE]);
}
