import type { DqliteServer, NodeName } from "../../../src/core/model/observation.ts";
import type { Prng } from "../../sim/prng.ts";
import type { Timer } from "../../sim/sim.ts";
import type { Host } from "../host/host.ts";
import type { Network, Port } from "../network.ts";
import type { Process } from "../process.ts";

/** One member of the raft cluster: what its disk keeps, and what it believes while it runs. */
export interface Member {
  readonly node: NodeName;
  readonly host: Host;
  readonly id: string;
  /** As the cluster lists it: `IP:19001`. */
  readonly address: string;
  readonly port: Port;
  /** The process it lives in; null while it is down or still starts. */
  process: Process | null;
  /** The role that the cluster's configuration gives it. */
  role: DqliteServer["role"];
  /** The configuration as it knows it: older than the cluster's when it was away. */
  servers: readonly DqliteServer[];
  /** The highest term that it has seen. */
  term: number;
  /** Whom it believes to lead; itself when it does. */
  belief: Member | null;
  /** Whether it has every committed entry; else `log` says how many it has. */
  isSynced: boolean;
  log: number;
  /** Its election timeout; of a leader without a majority, when it steps down. */
  timeout: Timer | null;
  /** When it hears the leader next; only set while that changes something. */
  hearing: Timer | null;
}

/** dqlite's port in MicroK8s. */
export const DQLITE_PORT = 19001;

/** The id of the node that began the cluster, a constant of go-dqlite. */
const BOOTSTRAP_ID = "3297041220608546238";

/** go-dqlite's usual numbers of voters and stand-bys. */
export const VOTERS = 3;
export const STAND_BYS = 3;

/** All members as a fresh cluster has them, in the order of the nodes. */
export function createMembers(hosts: readonly Host[], random: Prng): readonly Member[] {
  const members = hosts.map(
    (host, at): Member => ({
      node: host.name,
      host,
      id: at === 0 ? BOOTSTRAP_ID : drawId(random),
      address: `${host.address}:${DQLITE_PORT}`,
      port: { node: host.name, listener: null },
      process: null,
      role: at < VOTERS ? "voter" : at < VOTERS + STAND_BYS ? "stand-by" : "spare",
      servers: [],
      term: 1,
      belief: null,
      isSynced: false,
      log: 0,
      timeout: null,
      hearing: null,
    }),
  );
  const servers = serversOf(members);
  for (const member of members) member.servers = servers;
  return members;
}

/** The configuration of the cluster as raft has it now. */
export function serversOf(members: readonly Member[]): readonly DqliteServer[] {
  return members.map(({ id, address, role }) => ({ id, address, role }));
}

export function isVoter({ role }: Member): boolean {
  return role === "voter";
}

/** How many voters must agree. */
export function majorityOf(members: readonly Member[]): number {
  let voters = 0;
  for (const member of members) if (isVoter(member)) voters += 1;
  return Math.floor(voters / 2) + 1;
}

/** Its process runs. A paused one keeps its sockets and does nothing. */
export function isRunning({ process }: Member): boolean {
  return process?.state === "running";
}

/** TCP needs both ways: a connection that is cut in one direction stands still in both. */
export function isLinked(network: Network, one: Member, other: Member): boolean {
  return network.passes(one.node, other.node) && network.passes(other.node, one.node);
}

/** Both run and can talk. */
export function isConnected(network: Network, one: Member, other: Member): boolean {
  return isRunning(one) && isRunning(other) && (one === other || isLinked(network, one, other));
}

/** There and back, in ms. */
export function roundTripMs(network: Network, one: Member, other: Member): number {
  return network.delayMs(one.node, other.node) + network.delayMs(other.node, one.node);
}

/** go-dqlite draws 64 bits; these are always above 2^53, as most of the real ones are. */
function drawId(random: Prng): string {
  return String(BigInt(`0x1${random.hex(15)}`));
}
