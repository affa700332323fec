import type { NodeName } from "../../src/core/model/observation.ts";
import type { Sim } from "../sim/sim.ts";
import { startWorkload } from "./actors/workload.ts";
import { kubeliteProgram } from "./controllers/kubelite.ts";
import { createDatastore } from "./datastore/create-datastore.ts";
import { createTable } from "./datastore/table.ts";
import { createDqlite } from "./dqlite/create-dqlite.ts";
import { createHost } from "./host/create-host.ts";
import type { Host } from "./host/host.ts";
import { createApiServer } from "./kube/create-apiserver.ts";
import { createNetwork } from "./network.ts";
import { RELEASES } from "./releases.ts";
import { datastoreUnit, kubeliteUnit } from "./units.ts";
import { type ClusterSpec, type LabNode, OPERATOR_MACHINE, UNITS, type World } from "./world.ts";

/** The operator's machine, in the nodes' network. */
const OPERATOR_ADDRESS = "172.22.22.250";

/** The rooms that a world is made of. A test may bring its own. */
export interface WorldParts {
  readonly createTable: typeof createTable;
  readonly createDqlite: typeof createDqlite;
  readonly createDatastore: typeof createDatastore;
  readonly createApiServer: typeof createApiServer;
  readonly kubeliteProgram: typeof kubeliteProgram;
}

const PARTS: WorldParts = { createTable, createDqlite, createDatastore, createApiServer, kubeliteProgram };

/** A cluster whose machines have just booted: systemd starts the units now. See `createWarmWorld` for one that serves. */
export function createWorld(sim: Sim, spec: ClusterSpec, parts: WorldParts = PARTS): World {
  const release = RELEASES[spec.release];
  const network = createNetwork(sim);
  const newHost = (name: NodeName, address: string) => createHost({ sim, network, name, address });
  const hosts = spec.nodes.map(({ name, address }) => newHost(name, address));
  const operator = newHost(OPERATOR_MACHINE, OPERATOR_ADDRESS);
  const table = parts.createTable();
  const dqlite = parts.createDqlite({ sim, network, hosts, spec, release });

  const nodes = hosts.map((host, at): LabNode => {
    const { name, address } = host;
    const member = dqlite.members[at];
    if (member === undefined) throw new Error(`${name} has no dqlite member`);
    const isLeader = () => dqlite.leader() === name;
    const datastore = parts.createDatastore({ sim, network, host, member, table, release, isLeader });
    const apiserver = parts.createApiServer({ sim, network, host, datastore, release });
    const kubelite = parts.kubeliteProgram({ sim, network, host, node: name, apiserver, release });
    host.systemd.add(datastoreUnit({ host, member, datastore }));
    host.systemd.add(kubeliteUnit(host, kubelite));
    return { name, address, host, member, datastore, apiserver };
  });

  const allNodes = new Map(nodes.map((node) => [node.name, node]));
  const allHosts = new Map<NodeName, Host>([...hosts, operator].map((host) => [host.name, host]));
  const world: World = {
    sim,
    spec,
    release,
    network,
    nodes,
    node: (name) => found(allNodes, name),
    host: (name) => found(allHosts, name),
    dqlite,
    table,
  };
  for (const host of hosts) for (const unit of Object.values(UNITS)) host.systemd.start(unit, "systemd");
  startWorkload(world);
  return world;
}

function found<T>(all: ReadonlyMap<NodeName, T>, name: NodeName): T {
  const one = all.get(name);
  if (one === undefined) throw new Error(`there is no node ${name}`);
  return one;
}
