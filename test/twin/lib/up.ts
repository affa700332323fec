// SPDX-License-Identifier: Apache-2.0
import { rm } from "node:fs/promises";
import { components, type Components } from "./components.ts";
import { NODES, STATE_DIR } from "./config.ts";
import { downUnlocked } from "./down.ts";
import { datastoreLeader, memberView } from "./dqlite.ts";
import { controllerLease, isReady } from "./kube.ts";
import { bootMachine, mountRoot, runOnNode } from "./machine.ts";
import { makeNetwork } from "./network.ts";
import { makePki } from "./pki.ts";
import { silent, type Progress } from "./progress.ts";
import { binds, provision } from "./provision.ts";
import { makeSshFiles } from "./ssh.ts";
import { readState, withLock, writeState } from "./state.ts";
import { isFresh, somethingExists, status } from "./status.ts";
import { waitFor, waitUntil } from "./wait.ts";

/**
 * What each step may take on a loaded machine; unloaded all of them together take well under a minute. A Lease lasts
 * 60 s, and after a fault its holder may be gone.
 */
const VOTERS_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 120_000;
const LEASE_TIMEOUT_MS = 100_000;

export type UpResult = "started" | "already up";

/** Brings the twin up and returns when it is whole. Run again it does nothing, or replaces what is half there. */
export function up(progress: Progress = silent): Promise<UpResult> {
  return withLock(async () => {
    requireRoot();
    const parts = await components(progress, (await readState())?.components);
    if (await isUpWith(parts)) return "already up";
    if (await somethingExists()) {
      progress("a twin is there, but not whole or with other parts: taking it down first");
      await downUnlocked(progress);
    }
    await build(parts, progress);
    await waitUntilWhole(progress);
    return "started";
  });
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new Error("the twin needs root: it makes namespaces, mounts and cgroups");
}

/** Another datastore than the running one is a reason to build anew: the caller asked for it. */
async function isUpWith(parts: Components): Promise<boolean> {
  const state = await readState();
  if (JSON.stringify(state?.components) !== JSON.stringify(parts)) return false;
  return (await status()).overall === "up";
}

async function build(parts: Components, progress: Progress): Promise<void> {
  await rm(STATE_DIR, { recursive: true, force: true });
  await writeState({ startedAt: new Date().toISOString(), components: parts });
  progress("keys and certificates");
  await Promise.all([makePki(), makeSshFiles()]);
  progress("network");
  await makeNetwork();
  progress(`booting ${NODES.join(", ")}; datastore: ${parts.datastore.kind} (${parts.datastore.source})`);
  const bound = await binds(parts);
  await Promise.all(
    NODES.map(async (node) => {
      await provision(node);
      await mountRoot(node, parts.rootfs);
      await bootMachine(node, bound);
    }),
  );
}

/** Also used after a fault was undone, to know that the twin is whole again. */
export async function waitUntilWhole(progress: Progress = silent): Promise<void> {
  await waitForVoters();
  progress("three voters");
  for (const node of NODES) {
    await waitUntil(`${node}: apiserver ready`, () => isReady(node), {
      timeoutMs: READY_TIMEOUT_MS,
      everyMs: 500,
      explain: () => lastLines(node),
    });
    progress(`${node}: apiserver ready`);
  }
  const holder = await waitFor("a held controller manager Lease", heldLease, {
    timeoutMs: LEASE_TIMEOUT_MS,
    everyMs: 500,
  });
  progress(`controller manager of ${holder} holds the Lease`);
}

async function waitForVoters(): Promise<void> {
  await waitUntil("three voters and a leader", threeVoters, {
    timeoutMs: VOTERS_TIMEOUT_MS,
    everyMs: 500,
    explain: () => lastLines(NODES[0]),
  });
}

async function threeVoters(): Promise<boolean> {
  const leader = await datastoreLeader();
  if (leader === undefined) return false;
  const { members } = await memberView(leader);
  return members.filter((member) => member.role === 0).length === NODES.length;
}

async function heldLease(): Promise<string | undefined> {
  const lease = await controllerLease(NODES[0]);
  return lease !== undefined && isFresh(lease.renewedAtMs) ? lease.holder : undefined;
}

async function lastLines(node: (typeof NODES)[number]): Promise<string> {
  const argv = ["journalctl", "-n", "15", "--no-pager", "-o", "short-precise", "-u", "snap.microk8s.*"];
  return (await runOnNode(node, argv, { timeoutMs: 10_000 })).stdout;
}
