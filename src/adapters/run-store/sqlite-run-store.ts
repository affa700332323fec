import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PastAction } from "../../core/model/action.ts";
import { actsOf, type JournalEntry } from "../../core/runbooks/journal.ts";
import type { Run, RunStore } from "../../ports/run-store.ts";

/** An expected failure of the journal: no room, no permission, somebody else has it open, or it is not ours. */
export class RunStoreError extends Error {
  override readonly name = "RunStoreError";
}

/** Version of the schema, in SQLite's user_version; an other one is refused rather than guessed at. */
const SCHEMA_VERSION = 1;

/** "QrRn" in SQLite's application_id: tells our file from any other program's, whatever its version. */
const APPLICATION_ID = 0x5172526e;

const SCHEMA = `
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entries_by_run ON entries (run, seq);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens (or creates) the journal in `directory`. One process at a time: the file stays locked while it is open, and
 * the kernel frees it when the process dies. Every append is synced before it returns. Throws RunStoreError.
 */
export function openSqliteRunStore(directory: string): RunStore {
  const path = join(directory, "runs.db");
  const db = attempt(path, "nothing was done", () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return prepared(new DatabaseSync(path), path);
  });
  return {
    openRuns: () => attempt(path, UNREADABLE, () => readOpenRuns(db)),
    create: (id, opened) => append(db, path, id, opened),
    append: (id, entry) => append(db, path, id, entry),
    pastActions: (sinceMs) => attempt(path, UNREADABLE, () => readPastActions(db, sinceMs)),
    close: () => db.close(),
  };
}

/**
 * Opens the journal for a run that only looks. One that does not exist stays so: it has no open runs and no past
 * actions. Throws RunStoreError, also when it cannot be told whether there is one.
 */
export function lookAtSqliteRunStore(directory: string): RunStore {
  const path = join(directory, "runs.db");
  const found = attempt(path, UNREADABLE, () => statSync(path, { throwIfNoEntry: false }));
  return found === undefined ? ABSENT : openSqliteRunStore(directory);
}

const ABSENT: RunStore = {
  openRuns: () => [],
  create: refuseToWrite,
  append: refuseToWrite,
  pastActions: () => [],
  close: () => undefined,
};

/** A bug of the caller's: who only looks has nothing to write. */
function refuseToWrite(): never {
  throw new Error("a run that only looks writes nothing into the journal");
}

const UNREADABLE = "repair or move the file, then run it again";

/** Locks the file and makes sure that it is ours; a foreign one is closed as it was. */
function prepared(db: DatabaseSync, path: string): DatabaseSync {
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;");
    db.exec("BEGIN EXCLUSIVE; COMMIT;");
    if (isNew(db, path)) db.exec(`BEGIN; ${SCHEMA} COMMIT;`);
    chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isNew(db: DatabaseSync, path: string): boolean {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  const application = Number(db.prepare("PRAGMA application_id").get()?.["application_id"] ?? 0);
  const tables = Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] ?? 0);
  if (version === 0 && application === 0 && tables === 0) return true;
  if (application !== APPLICATION_ID)
    throw new RunStoreError(`${path} is not a run journal of Quorate; nothing was done`);
  if (version === SCHEMA_VERSION) return false;
  throw new RunStoreError(
    `${path} has schema version ${version}, this Quorate knows ${SCHEMA_VERSION}; use its own Quorate`,
  );
}

function append(db: DatabaseSync, path: string, id: string, entry: JournalEntry): Run {
  attempt(path, "the run stays as its last entry says; make room and run it again", () =>
    db
      .prepare("INSERT INTO entries (run, at_ms, kind, entry) VALUES (?, ?, ?, ?)")
      .run(id, entry.atMs, entry.kind, JSON.stringify(entry)),
  );
  return readRun(db, id);
}

function readRun(db: DatabaseSync, id: string): Run {
  const rows = db.prepare("SELECT entry FROM entries WHERE run = ? ORDER BY seq").all(id);
  return { id, entries: rows.map((row) => JSON.parse(String(row["entry"])) as JournalEntry) };
}

function readOpenRuns(db: DatabaseSync): readonly Run[] {
  const rows = db
    .prepare("SELECT run FROM entries GROUP BY run HAVING sum(kind = 'closed') = 0 ORDER BY min(seq)")
    .all();
  return rows.map((row) => readRun(db, String(row["run"])));
}

function readPastActions(db: DatabaseSync, sinceMs: number): readonly PastAction[] {
  const runs = db.prepare("SELECT DISTINCT run FROM entries WHERE kind = 'act-intent' AND at_ms >= ?").all(sinceMs);
  return runs.flatMap((row) => actsOf(readRun(db, String(row["run"])).entries)).filter(({ atMs }) => atMs >= sinceMs);
}

function attempt<T>(path: string, next: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RunStoreError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const busy = /locked|busy/i.test(text);
    const what = busy ? "another quorate recover on this machine has it open" : text;
    throw new RunStoreError(`cannot use the run journal ${path}: ${what}; ${next}`, { cause: error });
  }
}
