import type { Sim } from "../../sim/sim.ts";
import type { DqliteMember, Statement } from "../dqlite/dqlite.ts";
import { printLine } from "../dqlite/lines.ts";
import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { Answer, DatastoreEvent, RangeQuery, RangeResult, Table, TxnRequest, TxnResult } from "./datastore.ts";
import { COMPACTED_ERROR, FUTURE_ERROR, rangeLine, txnError, UNHEALTHY_ERROR, unknownError } from "./errors.ts";
import { createPoll, type Poll } from "./poll.ts";
import { createStreams, type Stream, type Streams } from "./streams.ts";
import { createExpiry } from "./ttl.ts";
import { checkDisk, compactAtTimes, DISK_CHECK_MS } from "./upkeep.ts";

/** k8s-dqlite from the moment it serves, for the life of its process. */
export interface Server {
  readonly poll: Poll;
  readonly streams: Streams;
  readonly counters: { pollQueries: number; otherQueries: number; failedTransactions: number };
  /** Serves one call; the returned function is the client's hanging up, told with what the server sees of it. */
  range(query: RangeQuery, answer: (answer: Answer<RangeResult>) => void): (why: HungUp) => void;
  txn(request: TxnRequest, answer: (answer: Answer<TxnResult>) => void): (why: HungUp) => void;
  /** Creates a watch on a stream that was opened. */
  watch(stream: Stream): void;
}

/** The client's deadline reaches the server as its own timer or as a reset stream, whichever comes first. */
export type HungUp = "context canceled" | "context deadline exceeded";

export interface ServerParts {
  readonly sim: Sim;
  readonly host: Host;
  readonly member: DqliteMember;
  readonly table: Table;
  readonly release: Release;
  readonly isLeader: () => boolean;
}

export function createServer({ sim, host, member, table, release, isLeader }: ServerParts, process: Process): Server {
  const counters = { pollQueries: 0, otherQueries: 0, failedTransactions: 0 };
  const fail = (line: string): void => {
    counters.failedTransactions += 1;
    printLine(host, process, "error", line);
  };
  const streams = createStreams(() => poll, release);
  const expiry = createExpiry({
    process,
    member,
    table,
    random: sim.random(`k8s-dqlite ttl ${host.name}`),
    deleted: () => poll.wake(),
    failed: fail,
  });
  const publish = (events: readonly DatastoreEvent[]) => {
    if (events.length > 0) expiry.see(events);
    streams.publish(events);
  };
  const poll: Poll = createPoll({
    process,
    member,
    table,
    release,
    publish,
    counted: (isFailed) => {
      counters.pollQueries += 1;
      if (isFailed) counters.failedTransactions += 1;
    },
    failed: (error) => printLine(host, process, "error", `fail to get latest events: ${error}`),
    onDeath: () => sim.log(host.name, "k8s-dqlite: the poll has ended"),
  });
  compactAtTimes(process, member, table, isLeader);
  process.every(DISK_CHECK_MS, () => {
    checkDisk(host, process);
    streams.periodicProgress();
  });

  function read(query: RangeQuery): Answer<RangeResult> {
    const { key, isPrefix, revision: at } = query;
    const { revision, compactedRevision } = table;
    if (at !== undefined && at < compactedRevision) return { ok: false, error: COMPACTED_ERROR };
    if (at !== undefined && at > revision) return { ok: false, error: FUTURE_ERROR };
    if (isPrefix === true) return { ok: true, value: { objects: table.list(key, at), revision } };
    const object = table.get(key, at);
    return { ok: true, value: { objects: object === null ? [] : [object], revision } };
  }

  function range(query: RangeQuery, answer: (answer: Answer<RangeResult>) => void): (why: HungUp) => void {
    counters.otherQueries += 1;
    const giveUp = member.statement({ kind: "read", run: () => read(query) }, (result) => {
      if (result.ok) return answer(result.value);
      const error = `query (try: 0): ${result.error}`;
      fail(rangeLine(query, error));
      answer({ ok: false, error: unknownError(error) });
    });
    return (why) => {
      giveUp();
      fail(rangeLine(query, `query (try: 0): ${why}`));
    };
  }

  function swap({ op, key, value, expectedRevision, ttlMs }: TxnRequest): TxnResult {
    const current = table.get(key);
    if ((current?.modRevision ?? 0) !== expectedRevision) {
      return { succeeded: false, revision: table.revision, current };
    }
    return { succeeded: true, revision: table.write(op, key, value ?? null, ttlMs) };
  }

  function txn(request: TxnRequest, answer: (answer: Answer<TxnResult>) => void): (why: HungUp) => void {
    counters.otherQueries += 1;
    const failed = (error: string): string => {
      const text = txnError(request, error, release.batchesWrites);
      fail(`error in txn: ${text}`);
      return unknownError(text);
    };
    const giveUp = member.statement({ kind: "write", run: () => swap(request) }, (result: Statement<TxnResult>) => {
      if (!result.ok) return answer({ ok: false, error: failed(result.error) });
      answer(result);
      if (result.value.succeeded) poll.wake();
    });
    return (why) => {
      giveUp();
      failed(`exec (try: 0): ${why}`);
    };
  }

  function watch(stream: Stream): void {
    const { afterRevision, prefix } = stream.query;
    if (afterRevision === null) return streams.created(stream, []);
    counters.otherQueries += 1;
    const until = poll.revision;
    // A watch may begin at the first revision that is not compacted.
    const past = () =>
      afterRevision + 1 < table.compactedRevision
        ? null
        : table
            .after(afterRevision, Number.MAX_SAFE_INTEGER)
            .filter(({ key, revision }) => revision <= until && key.startsWith(prefix));
    const begin = (events: readonly DatastoreEvent[] | null) =>
      events === null ? streams.end(stream, "compacted") : streams.created(stream, events);
    if (member.isQuick) return begin(past());
    member.statement({ kind: "read", run: past }, (result) => {
      if (!stream.isOpen) return;
      if (result.ok) return begin(result.value);
      printLine(host, process, "error", `WATCH Failed to create watcher: query (try: 0): ${result.error}`);
      streams.end(stream, UNHEALTHY_ERROR);
    });
  }

  return { poll, streams, counters, range, txn, watch };
}
