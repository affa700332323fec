import type { Process } from "../process.ts";
import type { Network } from "../network.ts";
import { isConnected, isVoter, type Member, STAND_BYS, VOTERS } from "./members.ts";
import type { Raft } from "./raft.ts";

/** How often go-dqlite's leader looks at the roles. */
const ADJUST_MS = 30_000;

/**
 * go-dqlite's roles: the leader promotes whoever is online when voters or stand-bys are missing, and makes spares of the
 * offline ones it replaced. Never fewer voters than there were: with nobody to promote, an offline voter stays one.
 */
export function followRoles(raft: Raft, network: Network): void {
  const { members } = raft;
  // Three nodes or fewer are all voters for good: nobody needs to look.
  if (members.length <= VOTERS) return;
  const watched = new WeakSet<Process>();
  raft.onLeader((leader) => {
    const process = leader?.process ?? null;
    if (leader === null || process === null || watched.has(process)) return;
    watched.add(process);
    process.every(ADJUST_MS, () => {
      if (raft.canCommit(leader)) adjust(raft, network, leader);
    });
  });
}

function adjust(raft: Raft, network: Network, leader: Member): void {
  const { members } = raft;
  const isOnline = (member: Member) => isConnected(network, leader, member);
  for (const { role, wanted, from } of [
    { role: "voter", wanted: VOTERS, from: ["stand-by", "spare"] },
    { role: "stand-by", wanted: STAND_BYS, from: ["spare"] },
  ] as const) {
    for (const lower of from) {
      for (const candidate of members) {
        const online = members.filter((member) => member.role === role && isOnline(member)).length;
        if (online >= wanted) break;
        if (candidate.role === lower && isOnline(candidate) && candidate.isSynced) assign(raft, candidate, role);
      }
    }
    for (const member of members) {
      const held = members.filter((other) => other.role === role).length;
      if (held > wanted && member.role === role && !isOnline(member)) assign(raft, member, "spare");
    }
  }
}

/**
 * What a stopping node does with its voter role: another online one takes it, and it becomes a spare. Without one it stays
 * what it is.
 */
export function handRoleOver(raft: Raft, network: Network, member: Member): void {
  const leader = raft.leader();
  if (leader === null || !isVoter(member)) return;
  const candidate = raft.members.find(
    (other) => other.role !== "voter" && other.isSynced && isConnected(network, leader, other),
  );
  if (candidate === undefined) return;
  assign(raft, candidate, "voter");
  assign(raft, member, "spare");
}

function assign(raft: Raft, member: Member, role: Member["role"]): void {
  member.role = role;
  raft.configured();
}
