import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import { OPERATOR_MACHINE, type World } from "../world.ts";

/** OpenSSH's ConnectTimeout as Ansible sets it (`timeout = 10`). */
const CONNECT_MS = 10_000;
/** A connection that went silent is given up after ServerAliveInterval × ServerAliveCountMax, usually set to 3 min. */
const SILENT_MS = 180_000;

export interface SshCommand {
  /** Whose ssh it is, on the operator's machine: a program that ended hears nothing any more. */
  readonly client: Process;
  readonly node: NodeName;
  /** Runs on the node; what it started goes on when the connection is lost. */
  readonly run: (host: Host, done: () => void) => void;
  readonly ended: (outcome: "done" | "unreachable") => void;
}

/** One command on a node, over the network. */
export function overSsh(world: World, { client, node, run, ended }: SshCommand): void {
  const { network } = world;
  const host = world.host(node);
  let isOver = false;
  let isConnected = false;
  const finish = (outcome: "done" | "unreachable") => {
    if (isOver) return;
    isOver = true;
    connect.cancel();
    silent.cancel();
    ended(outcome);
  };
  const back = (then: () => void) => network.send(node, OPERATOR_MACHINE, () => client.deliver(then));
  const connect = client.after(CONNECT_MS, () => (isConnected ? undefined : finish("unreachable")));
  const silent = client.after(SILENT_MS, () => finish("unreachable"));
  network.send(OPERATOR_MACHINE, node, () => {
    if (!host.isUp) return;
    back(() => {
      isConnected = true;
    });
    run(host, () => back(() => finish("done")));
  });
}
