import type { NodeName } from "../../src/core/model/observation.ts";
import type { Sim } from "../sim/sim.ts";
import type { Datastore, Table } from "./datastore/datastore.ts";
import type { Dqlite, DqliteMember } from "./dqlite/dqlite.ts";
import type { Host } from "./host/host.ts";
import type { ApiServer } from "./kube/apiserver.ts";
import type { Network } from "./network.ts";
import type { Release, ReleaseId } from "./releases.ts";

export interface NodeSpec {
  readonly name: NodeName;
  readonly address: string;
}

/** What a cluster is made of. */
export interface ClusterSpec {
  /** Control-plane nodes; the first three are voters, the next three stand-bys, the rest spares. */
  readonly nodes: readonly NodeSpec[];
  readonly release: ReleaseId;
  /** Everyday work: `idle` has only heartbeats; `small` has Deployments, Jobs, CronJobs and events; `pir` is the seeds' load. */
  readonly workload: "idle" | "small" | "pir";
}

/** One control-plane node with all that lives on it. */
export interface LabNode {
  readonly name: NodeName;
  readonly address: string;
  readonly host: Host;
  readonly member: DqliteMember;
  readonly datastore: Datastore;
  readonly apiserver: ApiServer;
}

/** The emulated cluster. It knows nothing of Quorate. */
export interface World {
  readonly sim: Sim;
  readonly spec: ClusterSpec;
  readonly release: Release;
  readonly network: Network;
  readonly nodes: readonly LabNode[];
  /** Throws when there is none of that name. */
  node(name: NodeName): LabNode;
  /** A node's machine, or the operator's. Throws when there is none of that name. */
  host(name: NodeName): Host;
  readonly dqlite: Dqlite;
  readonly table: Table;
}

/** Units as MicroK8s names them; the lab's other distributions map theirs to the same roles. */
export const UNITS = {
  datastore: "snap.microk8s.daemon-k8s-dqlite",
  kubelite: "snap.microk8s.daemon-kubelite",
} as const;

/** A third place in the network: the operator's machine, from where Quorate, kubectl and Ansible reach the nodes. */
export const OPERATOR_MACHINE: NodeName = "ops";
