import type { Process } from "../process.ts";
import type { Statement } from "./dqlite.ts";
import type { Member } from "./members.ts";

/** One statement of a caller. */
export interface Job {
  readonly run: () => unknown;
  readonly answered: (result: Statement<never>) => void;
  /** It was answered, or its caller gave it up. */
  isOver: boolean;
}

/** What goes over one connection to the leader: a read, a write, or the writes of one transaction. */
export interface Request {
  readonly kind: "read" | "write";
  readonly jobs: readonly Job[];
  readonly from: Member;
  /** The process that asks; its answers are its own. */
  readonly process: Process;
  /** Counts how often it was sent: what comes of an earlier sending is nobody's any more. */
  sending: number;
  /** It stands in the buffer of a connection whose other end does not take it. */
  isHung: boolean;
  /** Told once it is over, however it ended. */
  readonly onOver: () => void;
}

/** Nobody waits for it any more, and it need not happen: a transaction of several goes on without its callers. */
export function isAbandoned({ jobs }: Request): boolean {
  return jobs.length === 1 && jobs[0]?.isOver === true;
}

/** Its end, in the asking process. */
export function finish(request: Request, results: readonly Statement<unknown>[]): void {
  request.onOver();
  for (const [at, job] of request.jobs.entries()) {
    if (job.isOver) continue;
    job.isOver = true;
    job.answered(results[at] as Statement<never>);
  }
}

export function fail(request: Request, error: string): void {
  const result = { ok: false, error } as const;
  finish(
    request,
    request.jobs.map(() => result),
  );
}
