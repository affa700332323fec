// SPDX-License-Identifier: Apache-2.0
import { isFrozen, leftoverCgroups } from "./cgroups.ts";
import type { Datastore } from "./datastore.ts";
import { DQLITE_PORT, DQLITE_UNIT, KUBELITE_UNIT, nodeAddress, NODES, nodeRoot, type NodeName } from "./config.ts";
import { datastoreLeader, memberView } from "./dqlite.ts";
import { controllerLease, isReady } from "./kube.ts";
import { initProcess, isMounted, runOnNode } from "./machine.ts";
import { isCablePlugged, networkExists } from "./network.ts";
import { readState } from "./state.ts";

export type NodeStatus = {
  readonly node: NodeName;
  readonly power: "on" | "off" | "frozen";
  readonly cable: "plugged" | "pulled" | "none";
  readonly units: Readonly<Record<string, string>>;
  readonly role: "voter" | "stand-by" | "spare" | "unknown";
  readonly ready: boolean;
};

export type TwinStatus = {
  /** `up`: three voters, three ready apiservers, a held Lease. `partial`: anything less that exists. */
  readonly overall: "up" | "partial" | "down";
  readonly datastore: Datastore | undefined;
  readonly startedAt: string | undefined;
  readonly leader: NodeName | undefined;
  readonly controllerManager: string | undefined;
  readonly nodes: readonly NodeStatus[];
};

const ROLES = ["voter", "stand-by", "spare"] as const;

export async function status(): Promise<TwinStatus> {
  const state = await readState();
  const nodes = await Promise.all(NODES.map(nodeStatus));
  const leader = await datastoreLeader();
  const asked = nodes.find((node) => node.ready)?.node;
  const lease = asked === undefined ? undefined : await controllerLease(asked).catch(() => undefined);
  const complete = leader !== undefined && lease !== undefined && isFresh(lease.renewedAtMs) && nodes.every(isComplete);
  const exists = state !== undefined || (await somethingExists());
  return {
    overall: complete ? "up" : exists ? "partial" : "down",
    datastore: state?.components.datastore,
    startedAt: state?.startedAt,
    leader,
    controllerManager: lease?.holder,
    nodes,
  };
}

/** A Lease is renewed every 2 s and lasts 60 s: half of that means nobody renews it. */
const LEASE_FRESH_MS = 30_000;

export function isFresh(renewedAtMs: number): boolean {
  return Date.now() - renewedAtMs < LEASE_FRESH_MS;
}

function isComplete(node: NodeStatus): boolean {
  return node.power === "on" && node.cable === "plugged" && node.role === "voter" && node.ready;
}

/** True when anything of the twin is there, however broken: `down` has work to do. */
export async function somethingExists(): Promise<boolean> {
  if (networkExists() || (await leftoverCgroups(NODES)).length > 0) return true;
  const mounted = await Promise.all(NODES.map((node) => isMounted(nodeRoot(node))));
  return mounted.some(Boolean);
}

async function nodeStatus(node: NodeName): Promise<NodeStatus> {
  const cable = (await isCablePlugged(node).catch(() => undefined)) ?? "none";
  const base = { node, cable: cable === "none" ? cable : cable ? "plugged" : "pulled" } as const;
  const nothing = { units: {}, role: "unknown", ready: false } as const;
  if (initProcess(node) === undefined) return { ...base, ...nothing, power: "off" };
  // Everything asked of a frozen node would hang until its deadline.
  if (await isFrozen(node)) return { ...base, ...nothing, power: "frozen" };
  const [units, role, ready] = await Promise.all([
    unitStates(node),
    ownRole(node).catch(() => "unknown" as const),
    isReady(node).catch(() => false),
  ]);
  return { ...base, power: "on", units, role, ready };
}

async function unitStates(node: NodeName): Promise<Record<string, string>> {
  const units = [DQLITE_UNIT, KUBELITE_UNIT];
  const result = await runOnNode(node, ["systemctl", "is-active", ...units], { timeoutMs: 5_000 });
  const states = result.stdout.trim().split("\n");
  return Object.fromEntries(units.map((unit, index) => [unit, states[index] ?? "unknown"]));
}

async function ownRole(node: NodeName): Promise<NodeStatus["role"]> {
  const address = `${nodeAddress(node)}:${DQLITE_PORT}`;
  const own = (await memberView(node)).members.find((member) => member.address === address);
  return own === undefined ? "unknown" : ROLES[own.role];
}
