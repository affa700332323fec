import type { NodeName } from "../../../src/core/model/observation.ts";
import type { World } from "../../world/world.ts";
import { ask, endClient, startClient } from "../client.ts";

const SECOND_MS = 1000;

/** Objects that are written again and again: a storm writes the same few things, it does not fill the store. */
const OBJECTS = 10;

const NAMESPACE = "kube-system";

export interface StormOptions {
  /** Writes a second through each node. */
  readonly perSecond: number;
  /** Events (new objects, which vanish by their TTL) instead of patches of a few ConfigMaps. */
  readonly asEvents: boolean;
}

/** Writes through the nodes until the returned function is called; what it made is deleted then, as far as it can be. */
export function startStorm(
  world: World,
  nodes: readonly NodeName[],
  { perSecond, asEvents }: StormOptions,
): () => void {
  const client = startClient(world, "storm");
  const everyMs = Math.max(1, Math.round(SECOND_MS / perSecond));
  let written = 0;
  const write = (node: NodeName): void => {
    written += 1;
    if (asEvents) return ask(world, client, node, eventOf(node, written));
    const name = `storm-${node}-${written % OBJECTS}`;
    ask(world, client, node, patchOf(name, written), (response) => {
      if (response?.status === 404) ask(world, client, node, createOf(name));
    });
  };
  for (const node of nodes) client.every(everyMs, () => write(node));
  return () => {
    endClient(client);
    if (asEvents) return;
    const cleaner = startClient(world, "storm-cleanup");
    for (const node of nodes) {
      for (let at = 0; at < OBJECTS; at += 1) {
        ask(world, cleaner, node, { method: "DELETE", path: `${CONFIG_MAPS}/storm-${node}-${at}` });
      }
    }
  };
}

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

function patchOf(name: string, written: number) {
  return {
    method: "PATCH",
    path: `${CONFIG_MAPS}/${name}`,
    contentType: "application/merge-patch+json",
    body: { data: { written: String(written) } },
  } as const;
}

function createOf(name: string) {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: NAMESPACE }, data: {} };
  return { method: "POST", path: CONFIG_MAPS, body } as const;
}

function eventOf(node: NodeName, written: number) {
  const name = `storm-${node}.${written.toString(16).padStart(8, "0")}`;
  const body = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: NAMESPACE },
    type: "Warning",
    reason: "BackOff",
    message: "Back-off restarting failed container",
    involvedObject: { apiVersion: "v1", kind: "Node", name: node },
  };
  return { method: "POST", path: `/api/v1/namespaces/${NAMESPACE}/events`, body } as const;
}
