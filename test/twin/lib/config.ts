// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The three nodes. Names and numbers are fixed: tests, fixtures and the certificates rely on them. */
export const NODES = ["k8s01", "k8s02", "k8s03"] as const;
export type NodeName = (typeof NODES)[number];

/** The namespace that holds the bridge. Nothing of the twin has an address outside it. */
export const LAB_NETNS = "quorate-lab";
/** TEST-NET-2 (RFC 5737): can never be somebody's real network. */
export const LAB_ADDRESS = "198.51.100.1";
const LAB_PREFIX = "198.51.100.1";

export const TWIN_DIR = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
export const REPOSITORY_DIR = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
/** Files that are copied or bound into each node. */
export const NODE_FILES_DIR = join(TWIN_DIR, "node");

/** Things that take minutes to make and survive `down`: root file systems and built binaries. */
export const CACHE_DIR = process.env["QUORATE_TWIN_CACHE"] ?? "/var/cache/quorate-twin";
/** Everything of the running twin; `down` removes it whole. */
export const STATE_DIR = process.env["QUORATE_TWIN_STATE"] ?? "/var/lib/quorate-twin";

export const DQLITE_UNIT = "snap.microk8s.daemon-k8s-dqlite.service";
export const KUBELITE_UNIT = "snap.microk8s.daemon-kubelite.service";
export const WATCH_PROXY_UNIT = "quorate-watch-proxy.service";

/** Paths inside a node, as MicroK8s names them. */
export const SNAP_REVISION = "6787";
export const SNAP = `/snap/microk8s/${SNAP_REVISION}`;
export const SNAP_DATA = `/var/snap/microk8s/${SNAP_REVISION}`;
export const BACKEND_DIR = `${SNAP_DATA}/var/kubernetes/backend`;
/** The colon belongs to the file's name; it is no port. */
export const KINE_SOCKET = `${BACKEND_DIR}/kine.sock:12379`;
export const KINE_PROXY_SOCKET = `${BACKEND_DIR}/kine-proxy.sock:12379`;
export const WATCH_HOLD_FILE = "/run/quorate-twin/hold-watches";
export const TOOLS_DIR = "/usr/local/lib/quorate-twin";
export const DQLITE_PORT = 19001;
export const APISERVER_PORT = 16443;

/** The users of a node besides root: the tests need one with and one without sudo. */
export const SUDO_USER = "ops";
export const PLAIN_USER = "nosudo";

export function isNodeName(text: string): text is NodeName {
  return (NODES as readonly string[]).includes(text);
}

/** 1, 2 or 3. */
export function nodeNumber(node: NodeName): number {
  return NODES.indexOf(node) + 1;
}

/** The node's address on the lab bridge. */
export function nodeAddress(node: NodeName): string {
  return `${LAB_PREFIX}${nodeNumber(node)}`;
}

export function nodeNetns(node: NodeName): string {
  return `quorate-${node}`;
}

/** The lab's end of the node's cable. Interface names may have 15 characters. */
export function nodeVeth(node: NodeName): string {
  return `qt-${node}`;
}

export function nodeDir(node: NodeName): string {
  return join(STATE_DIR, "nodes", node);
}

/** The node's root directory as the host sees it (an overlay mount). */
export function nodeRoot(node: NodeName): string {
  return join(nodeDir(node), "root");
}

/** Runs a command where the nodes' addresses exist. */
export function inLab(argv: readonly string[]): string[] {
  return ["ip", "netns", "exec", LAB_NETNS, ...argv];
}
