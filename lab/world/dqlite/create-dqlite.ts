import type { Sim } from "../../sim/sim.ts";
import type { Host } from "../host/host.ts";
import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { ClusterSpec } from "../world.ts";
import { createStatements, type Statements } from "./batches.ts";
import { type Connector, createConnector } from "./connector.ts";
import type { Dqlite, DqliteMember, DqliteMemberState, Statement } from "./dqlite.ts";
import { createHandOver } from "./hand-over.ts";
import { createDesk, type Desk } from "./leader.ts";
import { createMembers, type Member } from "./members.ts";
import { createRaft, type Raft } from "./raft.ts";
import { followRoles } from "./roles.ts";

export interface DqliteParts {
  readonly sim: Sim;
  readonly network: Network;
  /** One for each node of the spec. */
  readonly hosts: readonly Host[];
  readonly spec: ClusterSpec;
  readonly release: Release;
}

/** From the process's start until its dqlite port listens. */
const JOIN_MS = { min: 100, max: 300 } as const;

/** The raft cluster of a fresh installation: nobody runs yet, the first three nodes are voters. */
export function createDqlite({ sim, network, hosts, spec, release }: DqliteParts): Dqlite {
  const ordered = spec.nodes.map(({ name }) => {
    const host = hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  });
  const random = sim.random("dqlite members");
  const members = createMembers(ordered, random);
  const raft = createRaft(sim, network, members);
  let busyCount = 0;
  const onBusy = (jobs: number) => {
    busyCount += jobs;
  };
  const tries = { max: release.retriesMax, sleepMs: release.retrySleepMs };
  const desks = new Map(members.map((member) => [member, createDesk({ sim, network, raft }, member, onBusy, tries)]));
  followRoles(raft, network);

  const handles = members.map((member): DqliteMember => {
    /** Of its latest process. */
    let connector: Connector | null = null;
    let statements: Statements | null = null;
    raft.onChange(() => connector?.look());
    const boot = (process: Process): void => {
      connector = createConnector({ sim, network, raft, release, member, process, desks });
      statements = createStatements(connector, { from: member, process, batchesWrites: release.batchesWrites });
      process.after(random.between(JOIN_MS.min, JOIN_MS.max), () => raft.join(member, process));
    };
    return {
      node: member.node,
      port: member.port,
      state: () => stateOf(member),
      boot,
      handOver: createHandOver(sim, network, raft, member),
      statement: <T>(
        { kind, run }: { readonly kind: "read" | "write"; readonly run: () => T },
        answered: (result: Statement<T>) => void,
      ) => {
        if (statements === null) throw new Error(`${member.node} was never booted`);
        return statements.add(kind, { run, answered, isOver: false });
      },
      get isQuick() {
        return connector?.isQuick() === true;
      },
    };
  });

  const memberOf = (node: string): Member => {
    const found = members.find((member) => member.node === node);
    if (found === undefined) throw new Error(`no member on ${node}`);
    return found;
  };
  return {
    members: handles,
    leader: () => raft.leader()?.node ?? null,
    get term() {
      return raft.term;
    },
    onLeader: (listener) => raft.onLeader((member) => listener(member?.node ?? null)),
    get busyCount() {
      return busyCount;
    },
    transfer: (to) => {
      const from = raft.leader();
      if (from !== null && from.node !== to) raft.transfer(from, memberOf(to), () => undefined);
    },
    holdWriter: (from) => holdWriter(raft, desks, memberOf(from)),
  };
}

function stateOf(member: Member): DqliteMemberState {
  const { id, address, servers, belief } = member;
  const role = servers.find((server) => server.id === id)?.role ?? "spare";
  const leader = role === "voter" && belief !== null ? { id: belief.id, address: belief.address } : null;
  return { id, address, role, leader, servers };
}

/** An open transaction: it ends with its owner's process, or with the leader's leadership. */
function holdWriter(raft: Raft, desks: ReadonlyMap<Member, Desk>, from: Member): () => void {
  const leader = raft.leader();
  const release = leader === null ? undefined : desks.get(leader)?.writer.hold();
  const forget = from.process?.onEnd(() => release?.());
  return () => {
    forget?.();
    release?.();
  };
}
