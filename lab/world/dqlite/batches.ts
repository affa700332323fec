import type { Process } from "../process.ts";
import type { Connector } from "./connector.ts";
import type { Member } from "./members.ts";
import type { Job, Request } from "./request.ts";

/**
 * Read in k8s-dqlite 1.8's source and not reproduced: one write of a batch whose client has gone fails the whole batch with
 * `context canceled`. Off until it was seen on real nodes.
 */
export const CANCELLED_WRITE_FAILS_ITS_BATCH: boolean = false;

/** The statements of one k8s-dqlite process on their way to its connector. */
export interface Statements {
  /** The returned function gives it up. */
  add(kind: "read" | "write", job: Job): () => void;
}

/** With `batchesWrites`, what waits while a transaction is under way is the next one; else each write is on its own. */
export function createStatements(
  connector: Connector,
  {
    from,
    process,
    batchesWrites,
  }: { readonly from: Member; readonly process: Process; readonly batchesWrites: boolean },
): Statements {
  let waiting: Job[] = [];
  /** The transaction that is under way. */
  let current: Request | null = null;

  function requestOf(kind: "read" | "write", jobs: readonly Job[], onOver: () => void): Request {
    const isOver = () => {
      connector.over(request);
      onOver();
    };
    const request: Request = { kind, jobs, from, process, sending: 0, isHung: false, onOver: isOver };
    return request;
  }

  function single(kind: "read" | "write", job: Job): () => void {
    const request = requestOf(kind, [job], nothing);
    connector.send(request);
    return () => giveUp(job, request);
  }

  function next(): void {
    current = null;
    const jobs = waiting.filter(({ isOver }) => !isOver);
    const isTainted = CANCELLED_WRITE_FAILS_ITS_BATCH && jobs.length < waiting.length;
    waiting = [];
    if (jobs.length === 0) return;
    if (isTainted) {
      for (const job of jobs) {
        job.isOver = true;
        job.answered({ ok: false, error: "exec (try: 0): context canceled" });
      }
      return;
    }
    current = requestOf("write", jobs, next);
    connector.send(current);
  }

  function batched(job: Job): () => void {
    waiting.push(job);
    if (current === null) next();
    return () => giveUp(job, current);
  }

  return {
    add: (kind, job) => (kind === "write" && batchesWrites ? batched(job) : single(kind, job)),
  };
}

function nothing(): void {
  // A statement on its own holds up nobody.
}

/** A statement on its own ends with its caller; a transaction of several goes on without them. */
function giveUp(job: Job, request: Request | null): void {
  if (job.isOver) return;
  job.isOver = true;
  if (request?.jobs.length === 1 && request.jobs[0] === job) request.onOver();
}
