import type { Sim, Timer } from "../../sim/sim.ts";
import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import {
  CATCH_UP_PER_MS,
  ELECTION_MS,
  HEARTBEAT_MS,
  RESEND_MS,
  STEP_DOWN_MS,
  TRANSFER_MS,
  VOTE_MS,
} from "./raft-times.ts";
import { isConnected, isRunning, isVoter, majorityOf, type Member, roundTripMs, serversOf } from "./members.ts";

/** Raft as a model of its outcomes. Nothing happens in it while nothing changes: no heartbeat is an event. */
export interface Raft {
  readonly members: readonly Member[];
  readonly term: number;
  /** Grows with whatever may change who leads, or who reaches whom. */
  readonly version: number;
  /** Entries that were ever committed. */
  readonly commits: number;
  /** It and a majority of the voters agree; null otherwise. */
  leader(): Member | null;
  /** It believes to lead, and runs. */
  leads(member: Member): boolean;
  /** What is written on it now is committed: it leads the newest term, and a majority of voters has its log. */
  canCommit(member: Member): boolean;
  /** Nothing was committed that it does not have. */
  isCurrent(member: Member): boolean;
  /** Called for each entry, by whoever saw `canCommit`. */
  committed(): void;
  join(member: Member, process: Process): void;
  /** Gives leadership to that voter. `done` says whether it leads now. */
  transfer(from: Member, to: Member, done: (isDone: boolean) => void): void;
  /** Changes the configuration; the roles of the members are what was just written into them. */
  configured(): void;
  /** Told after each change that `version` counts. */
  onChange(listener: () => void): void;
  onLeader(listener: (member: Member | null) => void): void;
}

export function createRaft(sim: Sim, network: Network, members: readonly Member[]): Raft {
  const random = sim.random("dqlite raft");
  const listeners: (() => void)[] = [];
  const leaderListeners: ((member: Member | null) => void)[] = [];
  let term = 1;
  let version = 0;
  let commits = 0;
  /** Who won the newest term; it may be down by now. */
  let elected: Member | null = null;
  let told: Member | null = null;
  let isTelling = false;
  let isOwed = false;

  const linked = (one: Member, other: Member) => isConnected(network, one, other);
  const logOf = (member: Member) => (member.isSynced ? commits : member.log);
  const voters = () => members.filter(isVoter);

  /** Voters that still follow it, itself included. */
  const followers = (leader: Member) =>
    voters().filter((voter) => voter === leader || (linked(leader, voter) && voter.term <= leader.term)).length;

  function canCommit(member: Member): boolean {
    if (elected !== member || !leads(member)) return false;
    let having = 0;
    for (const voter of members) if (isVoter(voter) && voter.isSynced && linked(member, voter)) having += 1;
    return having >= majorityOf(members);
  }

  function leader(): Member | null {
    if (elected === null || !leads(elected)) return null;
    const agreeing = voters().filter((voter) => voter.belief === elected && linked(elected as Member, voter));
    return agreeing.length >= majorityOf(members) ? elected : null;
  }

  /** Whose heartbeats reach it: a leader of its term or a later one. */
  function heardBy(member: Member): Member | null {
    let heard: Member | null = null;
    for (const other of members) {
      if (other === member || !leads(other) || other.term < member.term || !linked(other, member)) continue;
      if (heard === null || other.term > heard.term) heard = other;
    }
    return heard;
  }

  /** After any change: starts the timeouts that run now, and stops those that do not. */
  function changed(): void {
    version += 1;
    for (const member of members) look(member);
    const now = leader();
    if (now !== told) {
      told = now;
      for (const listener of leaderListeners) listener(now);
    }
    isOwed = true;
    if (isTelling) return;
    isTelling = true;
    while (isOwed) {
      isOwed = false;
      for (const listener of listeners) listener();
    }
    isTelling = false;
  }

  function look(member: Member): void {
    if (elected !== member && (elected === null || !linked(elected, member))) freeze(member);
    if (!isRunning(member)) return;
    const heard = heardBy(member);
    if (member.belief === member) {
      if (heard !== null && heard.term > member.term) hearSoon(member, HEARTBEAT_MS);
      else if (followers(member) >= majorityOf(members)) stopTimeout(member);
      else member.timeout ??= after(member, random.between(STEP_DOWN_MS.min, STEP_DOWN_MS.max), () => stepDown(member));
    } else if (heard === null) {
      if (isVoter(member)) member.timeout ??= after(member, electionMs(), () => stand(member));
    } else if (heard !== member.belief || !member.isSynced) {
      hearSoon(member, heard === member.belief ? RESEND_MS : HEARTBEAT_MS);
    } else {
      stopTimeout(member);
    }
  }

  /** A lone voter waits for nobody. */
  const electionMs = () => (voters().length === 1 ? 0 : random.between(ELECTION_MS.min, ELECTION_MS.max));

  /** What is committed from now on, it does not have. */
  function freeze(member: Member): void {
    if (!member.isSynced) return;
    member.log = commits;
    member.isSynced = false;
  }

  function hearSoon(member: Member, withinMs: number): void {
    member.hearing ??= after(member, random.between(1, withinMs), () => hear(member));
  }

  /** A heartbeat arrives: it follows, and takes in what it missed. */
  function hear(member: Member): void {
    member.hearing?.cancel();
    member.hearing = null;
    const heard = heardBy(member);
    if (heard === null || (member.belief === member && heard.term <= member.term)) return;
    stopTimeout(member);
    member.term = heard.term;
    member.belief = heard;
    member.servers = heard.servers;
    if (heard === elected && !member.isSynced) catchUp(member, heard);
    changed();
  }

  function catchUp(member: Member, from: Member): void {
    const behindMs = Math.floor((commits - member.log) / CATCH_UP_PER_MS);
    if (behindMs === 0) {
      member.isSynced = true;
      return;
    }
    member.hearing = after(member, behindMs, () => {
      member.hearing = null;
      if (member.belief !== from || from !== elected || !leads(from) || !linked(from, member)) return;
      member.isSynced = true;
      member.servers = from.servers;
      changed();
    });
  }

  function stepDown(member: Member): void {
    member.timeout = null;
    if (member.belief !== member || followers(member) >= majorityOf(members)) return;
    member.belief = null;
    sim.log(member.node, "dqlite: steps down");
    changed();
  }

  /** Its election timeout: it forgets the leader and asks, by pre-vote, whether it would be elected. */
  function stand(member: Member): void {
    member.timeout = null;
    if (!isVoter(member) || member.belief === member) return;
    member.belief = null;
    if (votes(member) >= majorityOf(members)) {
      const rounds =
        2 * Math.max(...voters().map((voter) => (linked(member, voter) ? roundTripMs(network, member, voter) : 0)));
      member.timeout = after(member, rounds + VOTE_MS + member.host.disk.syncMs, () => {
        member.timeout = null;
        if (votes(member) >= majorityOf(members)) lead(member);
        else changed();
      });
    }
    changed();
  }

  /** Who would vote for it: those that know no leader and have no more than it has. An answer must come within its timeout. */
  function votes(member: Member): number {
    return voters().filter(
      (voter) =>
        voter === member ||
        (voter.belief === null &&
          linked(member, voter) &&
          logOf(voter) <= logOf(member) &&
          roundTripMs(network, member, voter) < ELECTION_MS.min),
    ).length;
  }

  function lead(member: Member): void {
    if (logOf(member) < commits)
      throw new Error(`${member.node} would lead with ${logOf(member)} of ${commits} entries`);
    stopTimeout(member);
    member.hearing?.cancel();
    member.hearing = null;
    term += 1;
    for (const other of members) if (other !== member) freeze(other);
    elected = member;
    member.term = term;
    member.belief = member;
    member.isSynced = true;
    member.servers = serversOf(members);
    sim.log(member.node, `dqlite: leads, term ${term}`);
    for (const other of members) {
      if (other !== member && isRunning(other)) {
        network.send(member.node, other.node, () => {
          if (isRunning(other)) hear(other);
        });
      }
    }
    changed();
  }

  function transfer(from: Member, to: Member, done: (isDone: boolean) => void): void {
    const isPossible = () => leads(from) && isVoter(to) && to.isSynced && linked(from, to) && canCommit(from);
    if (!isPossible()) return done(false);
    const ms = network.delayMs(from.node, to.node) + random.between(TRANSFER_MS.min, TRANSFER_MS.max);
    after(from, ms, () => {
      const isDone = isPossible();
      if (isDone) {
        from.belief = null;
        lead(to);
      }
      done(isDone);
    });
  }

  function join(member: Member, process: Process): void {
    member.process = process;
    member.port.listener = process;
    process.onPause(changed);
    process.onEnd(() => {
      if (member.process !== process) return;
      freeze(member);
      Object.assign(member, { process: null, belief: null, timeout: null, hearing: null });
      member.port.listener = null;
      changed();
    });
    changed();
  }

  network.onChange(changed);
  return {
    members,
    get term() {
      return term;
    },
    get version() {
      return version;
    },
    get commits() {
      return commits;
    },
    leader,
    leads,
    canCommit,
    isCurrent: (member) => logOf(member) === commits,
    committed: () => {
      commits += 1;
    },
    join,
    transfer,
    configured: () => {
      const servers = serversOf(members);
      for (const member of members) if (member.isSynced) member.servers = servers;
      changed();
    },
    onChange: (listener) => listeners.push(listener),
    onLeader: (listener) => leaderListeners.push(listener),
  };
}

function leads(member: Member): boolean {
  return member.belief === member && isRunning(member);
}

/** In the member's own process; only for one that runs. */
function after(member: Member, ms: number, run: () => void): Timer {
  return (member.process as Process).after(ms, run);
}

function stopTimeout(member: Member): void {
  member.timeout?.cancel();
  member.timeout = null;
}
