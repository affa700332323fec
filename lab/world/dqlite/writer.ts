import type { Sim, Timer } from "../../sim/sim.ts";
import type { Member } from "./members.ts";
import type { Raft } from "./raft.ts";
import { fail, isAbandoned, type Request } from "./request.ts";

/** The one writer of a leader. Who finds it taken tries again and again; who wins it next is chance, not order. */
export interface Writer {
  take(write: Write): void;
  /** Somebody's open transaction takes it until the returned function is called. */
  hold(): () => void;
}

export interface Write {
  readonly request: Request;
  /** The way to the leader now, in ms. */
  readonly toMs: () => number;
  readonly isStale: () => boolean;
  /** Runs on the leader when the write is done; `released` when the next one may have the writer. */
  readonly commit: (released: () => void) => void;
}

interface Spinner {
  readonly write: Write;
  patience: Timer;
}

/** One INSERT of a few kB, without disk and network. */
const WRITE_MS = { min: 1, max: 3 } as const;

/** Each further statement of a transaction; from another node each is a round trip besides. */
const FURTHER_MS = 1;

/** A way that takes longer than this for one statement may have changed before the next one. */
const SLOW_MS = 50;

/** 500 tries without a pause were measured to take 1 to 2 s (canonical/k8s-dqlite issue 310: 327 tries in one second). */
const TRIES_MS = { min: 1000, max: 2000 } as const;

/** A try is work for the leader's only thread: each spinning writer costs the one that writes an assumed fifth of its time. */
const SPIN_LOAD_PERCENT = 20;

/** A try from the leader's own node takes no network and no TLS: an assumed four of them in the time of one. */
const LOCAL_TRIES = 4;

export function createWriter({
  sim,
  raft,
  member,
  commitMs,
  onBusy,
  tries,
}: {
  readonly sim: Sim;
  readonly raft: Raft;
  readonly member: Member;
  readonly commitMs: () => number;
  readonly onBusy: (jobs: number) => void;
  readonly tries: { readonly max: number; readonly sleepMs: number };
}): Writer {
  const random = sim.random(`dqlite writer ${member.node}`);
  let spinners: Spinner[] = [];
  /** Who has the writer; a token, so that whoever had it in an earlier life cannot release it. */
  let owner: object | null = null;

  function take(write: Write): void {
    const { process } = member;
    if (owner === null) start(write, write.toMs());
    else sim.after(write.toMs(), () => process?.deliver(() => join(write)));
  }

  /** It finds the writer taken, and spins. */
  function join(write: Write): void {
    if (isGone(write)) return;
    if (!raft.leads(member)) return write.commit(() => undefined);
    if (owner === null) return start(write, 0);
    const ms = random.between(TRIES_MS.min, TRIES_MS.max) + tries.max * tries.sleepMs;
    const spinner: Spinner = { write, patience: write.request.process.after(ms, () => giveUp(spinner)) };
    spinners.push(spinner);
  }

  function giveUp(spinner: Spinner): void {
    if (!spinners.includes(spinner)) return;
    // A leader that stands still, or waits for its majority, answers no try.
    if (!raft.canCommit(member)) {
      spinner.patience = spinner.write.request.process.after(TRIES_MS.min, () => giveUp(spinner));
      return;
    }
    spinners = spinners.filter((other) => other !== spinner);
    if (isGone(spinner.write)) return;
    if (owner === null) return start(spinner.write, 0);
    onBusy(spinner.write.request.jobs.length);
    fail(spinner.write.request, `exec (try: ${tries.max}): database is locked`);
  }

  function start(write: Write, toMs: number): void {
    const mine = {};
    owner = mine;
    const { request } = write;
    const { process } = member;
    const released = () => {
      if (owner === mine) next();
    };
    const done = () => {
      // A transaction whose client stands still keeps the writer; the client's end gives it back.
      if (request.jobs.length > 1 && request.process.state === "paused") {
        const forget = request.process.onEnd(() => process?.deliver(released));
        request.process.deliver(() => {
          forget();
          process?.deliver(() => write.commit(released));
        });
        return;
      }
      write.commit(released);
    };
    const commitIn = (ms: number) =>
      sim.after(withLoad(ms + commitMs(), spinners.length), () => process?.deliver(done));
    // The statements of a transaction follow each other: over a slow way one by one, so that each takes what the way takes then.
    const further = (left: number): void => {
      const eachMs = FURTHER_MS + 2 * write.toMs();
      if (eachMs < SLOW_MS || left === 0) commitIn(left * eachMs);
      else sim.after(withLoad(eachMs, spinners.length), () => process?.deliver(() => further(left - 1)));
    };
    const firstMs = toMs + random.between(WRITE_MS.min, WRITE_MS.max);
    if (request.jobs.length === 1) commitIn(firstMs);
    else sim.after(withLoad(firstMs, spinners.length), () => process?.deliver(() => further(request.jobs.length - 1)));
  }

  /** The writer is free: one of those that spin finds it so first. */
  function next(): void {
    owner = null;
    if (spinners.length === 0) return;
    spinners = spinners.filter(({ write, patience }) => {
      if (isGone(write)) patience.cancel();
      return !isGone(write);
    });
    const able = spinners.filter(({ write }) => write.request.process.state === "running");
    const tickets = able.flatMap((one) =>
      one.write.request.from === member ? Array<Spinner>(LOCAL_TRIES).fill(one) : [one],
    );
    if (tickets.length === 0) return;
    const winner = random.pick(tickets);
    winner.patience.cancel();
    spinners = spinners.filter((spinner) => spinner !== winner);
    start(winner.write, 0);
  }

  function hold(): () => void {
    const mine = {};
    owner = mine;
    return () => {
      if (owner === mine) next();
    };
  }

  // What a member had in its hands is gone when it does not lead any more.
  raft.onChange(() => {
    if (member.belief === member || (owner === null && spinners.length === 0)) return;
    owner = null;
    for (const { write, patience } of spinners.splice(0)) {
      patience.cancel();
      if (member.process !== null) write.commit(() => undefined);
    }
  });
  return { take, hold };
}

/** It tries no more: its connection, its process or its caller is gone. */
function isGone({ request, isStale }: Write): boolean {
  return isStale() || request.process.state === "ended" || isAbandoned(request);
}

/** What takes the leader so long alone, with that many writers trying beside it. */
function withLoad(ms: number, spinning: number): number {
  return Math.round((ms * (100 + spinning * SPIN_LOAD_PERCENT)) / 100);
}
