import type { Duplex } from "node:stream";
import type { NodeName } from "../../src/core/model/observation.ts";
import type { Port } from "../world/network.ts";
import type { Process } from "../world/process.ts";

/** Something that listens on a node. */
export interface Service {
  readonly node: NodeName;
  readonly port: Port;
  /** Serves one connection that the listening process has accepted; `stream` is its end of it. */
  readonly serve: (stream: Duplex, server: Process) => void;
}

/** Everything that listens on the cluster's nodes, by where it is reached. */
export interface Services {
  /** By address of the node and port. */
  tcp(address: string, port: number): Service | null;
  /** By node and path. */
  unix(node: NodeName, path: string): Service | null;
}

/** The process that listens there now; null when nobody does. */
export function listenerOf({ port }: Pick<Service, "port">): Process | null {
  return port.listener === null || port.listener.state === "ended" ? null : port.listener;
}
