import type { Prng } from "../../sim/prng.ts";
import type { Timer } from "../../sim/sim.ts";
import type { DqliteMember } from "../dqlite/dqlite.ts";
import type { Process } from "../process.ts";
import type { DatastoreEvent, Table } from "./datastore.ts";

/**
 * The expiry of leased keys. Each node expires all of them, a little apart, and the first one wins. It learns of keys from its
 * own poll: when that dies, expiry on this node dies with it.
 */
export interface Expiry {
  see(events: readonly DatastoreEvent[]): void;
}

export interface ExpiryParts {
  readonly process: Process;
  readonly member: DqliteMember;
  readonly table: Table;
  readonly random: Prng;
  readonly deleted: () => void;
  readonly failed: (message: string) => void;
}

/** Each node adds up to this. */
const JITTER_MS = 1000;

/** A delete that failed is tried again, for ever. */
const RETRY_MS = { first: 100, max: 5000 } as const;

export function createExpiry({ process, member, table, random, deleted, failed }: ExpiryParts): Expiry {
  const timers = new Map<string, Timer>();

  function remove({ key, revision }: DatastoreEvent, retryMs: number): void {
    const run = () => {
      const isThere = table.get(key)?.modRevision === revision;
      if (isThere) table.write("delete", key, null);
      return isThere;
    };
    member.statement({ kind: "write", run }, (result) => {
      if (result.ok) {
        if (result.value) deleted();
        return;
      }
      failed(`failed to delete ${key} for TTL: ${result.error}, retrying`);
      const nextMs = Math.min(Math.round(retryMs * 1.5), RETRY_MS.max);
      process.after(retryMs, () => remove({ key, revision } as DatastoreEvent, nextMs));
    });
  }

  function see(events: readonly DatastoreEvent[]): void {
    for (const event of events) {
      const { key, ttlMs } = event;
      timers.get(key)?.cancel();
      timers.delete(key);
      if (ttlMs === undefined) continue;
      const expire = () => {
        timers.delete(key);
        remove(event, RETRY_MS.first);
      };
      timers.set(key, process.after(ttlMs + random.between(0, JITTER_MS), expire));
    }
  }

  see([...table.leased()]);
  return { see };
}
