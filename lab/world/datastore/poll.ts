import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { DqliteMember } from "../dqlite/dqlite.ts";
import type { DatastoreEvent, Table } from "./datastore.ts";

/** The one goroutine of a k8s-dqlite process that looks for new rows. All its watches, and the expiry of its leases, hang on it. */
export interface Poll {
  /** The last row that was published; the compacted revision at the start, so that a restarted process goes through history again. */
  readonly revision: number;
  /** Queries that came back: each is published, also when it brought nothing. */
  readonly rounds: number;
  readonly isAlive: boolean;
  /** A local write was committed. */
  wake(): void;
}

export interface PollParts {
  readonly process: Process;
  readonly member: DqliteMember;
  readonly table: Table;
  readonly release: Release;
  readonly publish: (events: readonly DatastoreEvent[]) => void;
  readonly counted: (isFailed: boolean) => void;
  /** An error that is not the deadline. */
  readonly failed: (error: string) => void;
  readonly onDeath: () => void;
}

/** k8s-dqlite's poll interval. */
const INTERVAL_MS = 1000;

/** Rows of one query; behind so many the next query follows at once. */
const LIMIT = 500;
const BUSY_ROWS = 100;

export function createPoll(parts: PollParts): Poll {
  const { process, member, table, release, publish, counted, failed, onDeath } = parts;
  let revision = table.compactedRevision;
  let rounds = 0;
  let isAlive = true;
  let isAsking = false;
  let isOwed = false;
  const ticker = process.every(INTERVAL_MS, round);

  function round(): void {
    if (isAsking) {
      // As Go's ticker and the notify channel: one that was missed is made up for.
      isOwed = true;
      return;
    }
    // Nothing can go wrong within milliseconds: the same without acting the query out.
    if (member.isQuick) while (took(table.after(revision, LIMIT)));
    else ask();
  }

  /** Publishes; true when more is to be expected. */
  function took(events: readonly DatastoreEvent[]): boolean {
    counted(false);
    rounds += 1;
    revision = events.at(-1)?.revision ?? revision;
    publish(events);
    return events.length >= BUSY_ROWS;
  }

  function ask(): void {
    isAsking = true;
    const timer = release.pollDeadlineMs === null ? null : process.after(release.pollDeadlineMs, () => late());
    const giveUp = member.statement({ kind: "read", run: () => table.after(revision, LIMIT) }, (result) => {
      timer?.cancel();
      isAsking = false;
      if (result.ok) {
        const isMore = took(result.value);
        if (isMore || isOwed) again();
      } else {
        counted(true);
        failed(`query (try: 0): ${result.error}`);
      }
    });
    const late = (): void => {
      giveUp();
      counted(true);
      isAsking = false;
      if (release.onPollDeadline === "goes-on") return again();
      // The published defect of 1.6.0 to 1.8.1: the loop returns, and nothing says so.
      isAlive = false;
      ticker.cancel();
      onDeath();
    };
  }

  function again(): void {
    isOwed = false;
    round();
  }

  return {
    get revision() {
      return revision;
    },
    get rounds() {
      return rounds;
    },
    get isAlive() {
      return isAlive;
    },
    wake: () => {
      if (isAlive && revision < table.revision) round();
    },
  };
}
