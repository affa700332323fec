// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { LAB_ADDRESS, LAB_NETNS, nodeAddress, nodeNetns, nodeVeth, NODES, type NodeName } from "./config.ts";
import { run, runOk } from "./exec.ts";

const BRIDGE = "br0";
/** The name the cable has inside the node. */
const NODE_INTERFACE = "host0";

/** Builds the lab: one bridge in its own namespace, one namespace and one cable per node. */
export async function makeNetwork(): Promise<void> {
  await runOk(["ip", "netns", "add", LAB_NETNS]);
  await inNetns(LAB_NETNS, ["link", "set", "lo", "up"]);
  await inNetns(LAB_NETNS, ["link", "add", BRIDGE, "type", "bridge"]);
  await inNetns(LAB_NETNS, ["addr", "add", `${LAB_ADDRESS}/24`, "dev", BRIDGE]);
  await inNetns(LAB_NETNS, ["link", "set", BRIDGE, "up"]);
  for (const node of NODES) await connectNode(node);
}

async function connectNode(node: NodeName): Promise<void> {
  const netns = nodeNetns(node);
  const veth = nodeVeth(node);
  await runOk(["ip", "netns", "add", netns]);
  await inNetns(netns, ["link", "set", "lo", "up"]);
  const peer = ["peer", "name", NODE_INTERFACE, "netns", netns];
  await inNetns(LAB_NETNS, ["link", "add", veth, "type", "veth", ...peer]);
  await inNetns(LAB_NETNS, ["link", "set", veth, "master", BRIDGE, "up"]);
  await inNetns(netns, ["addr", "add", `${nodeAddress(node)}/24`, "dev", NODE_INTERFACE]);
  await inNetns(netns, ["link", "set", NODE_INTERFACE, "up"]);
  // kube-apiserver refuses to guess an address without a default route.
  await inNetns(netns, ["route", "add", "default", "via", LAB_ADDRESS]);
}

/** Pulls or plugs the node's cable at the lab's end. The node sees its link go down, as with a real one. */
export async function setCable(node: NodeName, plugged: boolean): Promise<void> {
  await inNetns(LAB_NETNS, ["link", "set", nodeVeth(node), plugged ? "up" : "down"]);
  // A link that went down took the node's routes with it.
  if (plugged) await inNetns(nodeNetns(node), ["route", "replace", "default", "via", LAB_ADDRESS]);
}

export async function isCablePlugged(node: NodeName): Promise<boolean> {
  const out = await inNetns(LAB_NETNS, ["-o", "link", "show", nodeVeth(node)]);
  return /<[^>]*\bUP\b/.test(out);
}

export function networkExists(): boolean {
  return [LAB_NETNS, ...NODES.map(nodeNetns)].every((name) => existsSync(`/run/netns/${name}`));
}

/** Deletes every namespace of the twin; bridge and cables go with them. */
export async function removeNetwork(): Promise<void> {
  for (const netns of [...NODES.map(nodeNetns), LAB_NETNS]) {
    if (existsSync(`/run/netns/${netns}`)) await run(["ip", "netns", "delete", netns]);
  }
}

function inNetns(netns: string, args: readonly string[]): Promise<string> {
  return runOk(["ip", "-n", netns, ...args]);
}
