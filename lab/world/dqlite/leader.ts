import type { Sim } from "../../sim/sim.ts";
import type { Network } from "../network.ts";
import type { Statement } from "./dqlite.ts";
import { isLinked, isVoter, majorityOf, type Member, roundTripMs } from "./members.ts";
import type { Raft } from "./raft.ts";
import { finish, fail, type Request } from "./request.ts";
import { createWriter, type Writer } from "./writer.ts";

/** What a member does with the statements that reach it. */
export interface Desk {
  /** Takes a statement that leaves its node now. `refused` is told, in the asking process, when the member does not lead. */
  take(request: Request, refused: () => void): void;
  readonly writer: Writer;
}

/** A read of a few rows on the leader. */
const READ_MS = 1;

/** Raft's log must grow by an entry. */
const ENTRY_BYTES = 4096;

/** A follower that could not write is sent the entry again. */
const DISK_RETRY_MS = 500;

/** Which of the two SQLite says depends on what it wanted to write. */
const FULL_ERRORS = ["database or disk is full", "disk I/O error"] as const;

export function createDesk(
  { sim, network, raft }: { readonly sim: Sim; readonly network: Network; readonly raft: Raft },
  member: Member,
  onBusy: (jobs: number) => void,
  tries: { readonly max: number; readonly sleepMs: number },
): Desk {
  const random = sim.random(`dqlite disk ${member.node}`);
  /** Done but not committed, read but maybe old, or answered with the way cut: tried again after each change. */
  let stuck: (() => void)[] = [];

  function take(request: Request, refused: () => void): void {
    const { sending } = request;
    const process = member.process;
    if (process === null) return;
    const isStale = () => request.sending !== sending;
    const toMs = () => network.delayMs(request.from.node, member.node);
    const refuse = () => answer(request, () => (isStale() ? undefined : refused()));
    if (request.kind === "read") {
      sim.after(toMs() + READ_MS, () => process.deliver(() => read(request, isStale, refuse)));
      return;
    }
    const commit = (released: () => void) => write(request, isStale, refuse, released);
    writer.take({ request, toMs, isStale, commit });
  }

  function read(request: Request, isStale: () => boolean, refuse: () => void): void {
    if (isStale()) return;
    if (!raft.leads(member)) return refuse();
    if (!raft.isCurrent(member)) return void stuck.push(() => read(request, isStale, refuse));
    const results = request.jobs.map(resultOf);
    answer(request, () => (isStale() ? undefined : finish(request, results)));
  }

  function write(request: Request, isStale: () => boolean, refuse: () => void, released: () => void): void {
    const isGone = request.process.state === "ended";
    // A transaction that was not committed ends with its connection; a single statement was already under way.
    if (isStale() || (isGone && request.jobs.length > 1)) return released();
    if (!raft.leads(member)) {
      released();
      return refuse();
    }
    const again = () => write(request, isStale, refuse, released);
    if (!raft.canCommit(member)) return void stuck.push(again);
    if (!isWrittenByMajority()) return void member.process?.after(DISK_RETRY_MS, again);
    released();
    if (member.host.disk.freeBytes < ENTRY_BYTES) {
      const error = `exec (try: 0): ${random.pick(FULL_ERRORS)}`;
      return answer(request, () => (isStale() ? undefined : fail(request, error)));
    }
    raft.committed();
    const results = request.jobs.map(resultOf);
    answer(request, () => (isStale() ? undefined : finish(request, results)));
  }

  /** Whether enough disks have room for the entry; the leader's own is SQLite's affair. */
  function isWrittenByMajority(): boolean {
    const written = raft.members.filter(
      (voter) => isVoter(voter) && (voter === member || (voter.isSynced && voter.host.disk.freeBytes >= ENTRY_BYTES)),
    );
    return written.length >= majorityOf(raft.members);
  }

  function answer(request: Request, arrive: () => void): void {
    const { process } = request;
    if (request.from === member) process.deliver(arrive);
    else if (isLinked(network, member, request.from)) {
      network.send(member.node, request.from.node, () => process.deliver(arrive));
    } else {
      // TCP keeps what it could not hand over, and goes on when the way is free.
      stuck.push(() => answer(request, arrive));
    }
  }

  /** The leader's disk, and the round trip to the voters that make the majority, with theirs. */
  function commitMs(): number {
    const needed = majorityOf(raft.members) - 1;
    const others: number[] = [];
    for (const voter of raft.members) {
      if (voter === member || !isVoter(voter) || !isLinked(network, member, voter)) continue;
      others.push(roundTripMs(network, member, voter) + voter.host.disk.syncMs);
    }
    if (needed > 1) others.sort((one, other) => one - other);
    const followersMs = needed === 1 ? Math.min(...others) : (others[needed - 1] ?? 0);
    return member.host.disk.syncMs + (Number.isFinite(followersMs) ? followersMs : 0);
  }

  const writer = createWriter({ sim, raft, member, commitMs, onBusy, tries });
  raft.onChange(() => {
    if (stuck.length === 0) return;
    const { process } = member;
    const waiting = stuck;
    stuck = [];
    if (process !== null) process.deliver(() => waiting.forEach((again) => again()));
  });
  return { take, writer };
}

function resultOf({ run }: { readonly run: () => unknown }): Statement<unknown> {
  return { ok: true, value: run() };
}
