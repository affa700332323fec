import type { UnitRole } from "../model/observation.ts";
import type { RungId } from "../model/verdict.ts";

/** Where the dqlite member of a node is reached, and with which files. */
export interface DqliteFiles {
  /** TCP port on the node's own address. */
  readonly port: number;
  /** YAML list of ID, Address and Role of all members, as this node last wrote it. */
  readonly clusterPath: string;
  /** YAML with ID, Address and Role of this member. */
  readonly infoPath: string;
  /** The cluster's one certificate and its key: client and server use the same pair. */
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Where the etcd v3 surface of a node's datastore is reached. */
export type DatastoreEndpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** How a Kubernetes distribution names its units, sockets, files and ports. Paths are paths on the node. */
export interface Profile {
  /** Equal to the folder's name. */
  readonly id: string;
  /** The distribution's name as its makers write it. */
  readonly title: string;
  /** `planned`: the names below are known, but nothing was ever tried on it, so commands refuse. */
  readonly status: "supported" | "planned";
  /** systemd units without the `.service` ending; null when the role is no unit of its own (a static pod). */
  readonly units: Readonly<Record<UnitRole, string | null>>;
  readonly datastore: DatastoreEndpoint;
  /** Null when the datastore is not dqlite. */
  readonly dqlite: DqliteFiles | null;
  /** The node's own admin kubeconfig, which names the node's own apiserver. */
  readonly kubeconfigPath: string;
  readonly apiserverPort: number;
  /** Exists when a person has stopped the cluster software on purpose; null when there is no such mark. */
  readonly stopMarkerPath: string | null;
  /** The datastore's own Prometheus metrics on loopback; off by default on MicroK8s. */
  readonly metricsPort: number | null;
  /** Symbolic links in the paths above: logs and process arguments show what they resolve to. */
  readonly symlinkPaths: readonly string[];
  /** Rungs that Quorate may cure here by a restart. Empty: it only looks. */
  readonly remedyRungs: readonly RungId[];
  /** Where the names come from. */
  readonly source: string;
}

/** The unit as journald and systemd write it in full: with the `.service` ending. */
export function serviceName(unit: string): string {
  return UNIT_ENDING.test(unit) ? unit : `${unit}.service`;
}

/** Endings that systemd knows; `snap.microk8s.daemon-kubelite` has a dot and none of them. */
const UNIT_ENDING = /\.(service|socket|target|timer|mount|scope|slice|path|swap|automount|device)$/;
