import type { JournalEntry } from "../../model/journal-entry.ts";
import type { Profile } from "../../profiles/profile.ts";
import { serviceName } from "../../profiles/profile.ts";
import type { Signal, SignalDefinition } from "../signal.ts";

/**
 * k8s-dqlite's retry loop is exhausted at this number (`maxRetries = 500`, pkg/backend/sqlite/driver.go and the dqlite driver's
 * Retry). There is no sleep between tries since 1.2: 327 tries took one second (k8s-dqlite#310), so it means 1 to 2 s of
 * contention, and not 500 failures.
 */
const TRIES_MAX = 500;

/** The stable tail of Go's error chain; what stands in front differs between versions. */
const LOCKED = /database is locked/;
const TRIES = /\b(?:exec|query)\b[^(\n]{0,200}\(try: (\d{1,6})\): database is locked/;

/** Since 1.6: which write, and of which key. */
const TRANSACTION = /\b(create|update|delete) transaction failed for key (\/\S{1,512}?): /;

/** At debug level k8s-dqlite prints the statements that it runs, with the values in them: those are no failures. */
const NO_FAILURE = /level=(?:debug|trace)\b/;

/** A write to the datastore failed because another one held SQLite's write lock all the time. */
export const databaseLocked: SignalDefinition = {
  id: "database-locked",
  title: "database is locked",
  proves:
    "One write to the datastore failed on this node: another writer held the database's lock for as long as k8s-dqlite tried (1 to 2 seconds).",
  provesNot:
    "That the database is damaged, that 500 writes failed, or that watches are dead: contention is one way to a dead feed, and the feed has a rung of its own.",
  match,
};

function match(entry: JournalEntry, profile: Profile): Signal | null {
  // kubelite repeats the same error as an answer that it got: counted once, where it happened.
  const datastore = profile.units.datastore;
  if (datastore === null || entry.unit !== serviceName(datastore)) return null;
  if (!LOCKED.test(entry.message) || NO_FAILURE.test(entry.message)) return null;
  const tries = Number(TRIES.exec(entry.message)?.[1] ?? Number.NaN);
  const write = TRANSACTION.exec(entry.message);
  return {
    id: databaseLocked.id,
    atMs: entry.atMs,
    unit: entry.unit,
    facts: {
      tries: Number.isNaN(tries) ? null : tries,
      exhausted: tries >= TRIES_MAX,
      operation: write?.[1] ?? null,
      resource: resourceOf(write?.[2]),
    },
  };
}

/** `leases` of `/registry/leases/kube-system/kube-scheduler`: the kind of object, never its name. */
function resourceOf(key: string | undefined): string | null {
  return /^\/registry\/([a-z0-9.-]{1,100})\//.exec(key ?? "")?.[1] ?? null;
}
