import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalEntry } from "../../core/runbooks/journal.ts";
import { runCommand } from "../exec/run.ts";
import { streamCommand } from "../exec/stream.ts";
import { lookAtSqliteRunStore, openSqliteRunStore, RunStoreError } from "./sqlite-run-store.ts";

/** Sets a limit for the size of files: how a full disk looks without one. */
const PRLIMIT = "/usr/bin/prlimit";

const STORE = join(import.meta.dirname, "sqlite-run-store.ts");

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-runs-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const OPENED: JournalEntry = {
  kind: "opened",
  atMs: 1000,
  runbook: "renew-watches@1",
  node: "k8s02",
  rung: "feed",
  resources: [],
  holder: "quorate/root@k8s01/7",
};
const LOCK_INTENT: JournalEntry = { kind: "lock-intent", atMs: 1001 };
const CLOSED: JournalEntry = { kind: "closed", atMs: 9000, result: "cured", message: "" };

function intent(atMs: number): JournalEntry {
  return { kind: "act-intent", atMs, role: "datastore", unit: "u", expectedInvocationId: "a", token: 7 };
}

function outcome(atMs: number, word: "restarted" | "not-done" | "refused" | "failed"): JournalEntry {
  return { kind: "act-outcome", atMs, outcome: word, invocationId: null, detail: "" };
}

/** The one line that a person gets. */
function lineOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(RunStoreError);
    return (error as RunStoreError).message;
  }
  throw new Error("it did not fail");
}

describe("the journal", () => {
  test("keeps its runs over a close and a new opening", () => {
    const first = openSqliteRunStore(directory);
    first.create("run-1", OPENED);
    expect(first.append("run-1", LOCK_INTENT).entries).toEqual([OPENED, LOCK_INTENT]);
    first.close();
    const second = openSqliteRunStore(directory);
    expect(second.openRuns()).toEqual([{ id: "run-1", entries: [OPENED, LOCK_INTENT] }]);
    second.append("run-1", CLOSED);
    expect(second.openRuns()).toEqual([]);
    second.close();
  });

  test("lists open runs, the oldest first, and not those that are closed", () => {
    const store = openSqliteRunStore(directory);
    for (const id of ["z", "m", "a"]) store.create(id, OPENED);
    store.append("m", CLOSED);
    store.append("z", LOCK_INTENT);
    expect(store.openRuns().map(({ id }) => id)).toEqual(["z", "a"]);
    store.close();
  });

  test("keeps every text as it is", () => {
    const store = openSqliteRunStore(directory);
    const entry: JournalEntry = {
      kind: "proof",
      atMs: 2,
      cured: false,
      detail: `it's "broken"\n\u0000\ud83d\udd25 '); DROP TABLE entries`,
    };
    store.create("run-1", OPENED);
    expect(store.append("run-1", entry).entries[1]).toEqual(entry);
    store.close();
  });

  test("is readable by its owner alone, and its directory is made", () => {
    const deep = join(directory, "var/lib/quorate");
    openSqliteRunStore(deep).close();
    expect(statSync(join(deep, "runs.db")).mode & 0o777).toBe(0o600);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  });

  test("syncs each entry before append returns, and leaves nothing beside the file", () => {
    const store = openSqliteRunStore(directory);
    store.create("run-1", OPENED);
    expect(readFileSync(join(directory, "runs.db")).includes("quorate/root@k8s01/7")).toBe(true);
    store.close();
    expect(existsSync(join(directory, "runs.db-wal"))).toBe(false);
  });
});

describe("who only looks", () => {
  test("finds no runs and no acts where there is no journal, and makes neither file nor directory", () => {
    const deep = join(directory, "var/lib/quorate");
    const store = lookAtSqliteRunStore(deep);
    expect([store.openRuns(), store.pastActions(0)]).toEqual([[], []]);
    expect(() => store.create("run-1", OPENED)).toThrow("writes nothing");
    store.close();
    expect(existsSync(join(directory, "var"))).toBe(false);
    expect(lookAtSqliteRunStore(directory).openRuns()).toEqual([]);
    expect(existsSync(join(directory, "runs.db"))).toBe(false);
  });

  test("reads the journal that is there", () => {
    const first = openSqliteRunStore(directory);
    first.create("run-1", OPENED);
    first.append("run-1", intent(2000));
    first.close();
    const store = lookAtSqliteRunStore(directory);
    expect(store.openRuns()).toHaveLength(1);
    expect(store.pastActions(0)).toEqual([{ node: "k8s02", atMs: 2000 }]);
    store.close();
  });

  test("is told of a journal that is not ours, and does not take it for absent", () => {
    writeFileSync(join(directory, "runs.db"), "not a database, and longer than the header of one. ".repeat(100));
    expect(lineOf(() => lookAtSqliteRunStore(directory))).toMatch(/not a database/);
  });

  test.skipIf(process.getuid?.() === 0)("is told of a directory that cannot be looked into", () => {
    chmodSync(directory, 0o000);
    expect(lineOf(() => lookAtSqliteRunStore(directory))).toMatch(/^cannot use the run journal [^\n]*EACCES[^\n]*$/);
    chmodSync(directory, 0o700);
  });
});

describe("past actions", () => {
  test("count what was done and what may have been done, and not what was observed as not done", () => {
    const store = openSqliteRunStore(directory);
    store.create("run-1", OPENED);
    store.append("run-1", intent(2000));
    store.append("run-1", outcome(2001, "not-done"));
    store.append("run-1", intent(3000));
    store.append("run-1", outcome(3001, "restarted"));
    store.append("run-1", intent(4000));
    store.append("run-1", outcome(4001, "failed"));
    store.append("run-1", intent(5000));
    expect(store.pastActions(0).map(({ atMs }) => atMs)).toEqual([3000, 4000, 5000]);
    expect(store.pastActions(4001)).toEqual([{ node: "k8s02", atMs: 5000 }]);
    store.close();
  });

  test("count an open intent of a killed run after a new opening", () => {
    const store = openSqliteRunStore(directory);
    store.create("run-1", OPENED);
    store.append("run-1", intent(2000));
    store.close();
    const again = openSqliteRunStore(directory);
    expect(again.pastActions(0)).toEqual([{ node: "k8s02", atMs: 2000 }]);
    again.close();
  });

  test("an intent that is followed by another one and no outcome is not settled by the later one's outcome", () => {
    const store = openSqliteRunStore(directory);
    store.create("run-1", OPENED);
    store.append("run-1", intent(2000));
    store.append("run-1", intent(3000));
    store.append("run-1", outcome(3001, "not-done"));
    expect(store.pastActions(0)).toEqual([{ node: "k8s02", atMs: 2000 }]);
    store.close();
  });

  test("end where the caller's time begins, and name each run's own node", () => {
    const store = openSqliteRunStore(directory);
    store.create("run-1", OPENED);
    store.append("run-1", intent(2000));
    store.append("run-1", outcome(2500, "restarted"));
    store.create("run-2", { ...OPENED, node: "k8s03" });
    store.append("run-2", intent(3000));
    expect(store.pastActions(2001)).toEqual([{ node: "k8s03", atMs: 3000 }]);
    expect(store.pastActions(2000)).toHaveLength(2);
    store.close();
  });
});

describe("what cannot be used is told in one line", () => {
  test("a second process, while the first has it open", async () => {
    const script = `
      import { openSqliteRunStore } from ${JSON.stringify(STORE)};
      openSqliteRunStore(${JSON.stringify(directory)});
      console.log("open");
      setInterval(() => undefined, 1000);`;
    const holder = await streamCommand([process.execPath, "--input-type=module", "-e", script]);
    await holder.stdout[Symbol.asyncIterator]().next();
    const line = lineOf(() => openSqliteRunStore(directory));
    expect(line).toMatch(/^cannot use the run journal \S+: another quorate recover on this machine has it open[^\n]*$/);
    await holder.stop();
    openSqliteRunStore(directory).close();
  });

  test.skipIf(!existsSync(PRLIMIT))("no room for the next entry, which then is not there", async () => {
    const entry = { ...CLOSED, kind: "proof", cured: false, detail: "x".repeat(4000) };
    const script = `
      import { openSqliteRunStore } from ${JSON.stringify(STORE)};
      const store = openSqliteRunStore(${JSON.stringify(directory)});
      store.create("run-1", ${JSON.stringify(OPENED)});
      try {
        for (let n = 0; n < 100; n += 1) store.append("run-1", ${JSON.stringify(entry)});
      } catch (error) {
        console.log(error.name + " " + error.message);
      }`;
    const argv = [PRLIMIT, "--fsize=65536", process.execPath, "--input-type=module", "-e", script];
    const { stdout } = await runCommand(argv, { deadlineMs: 10_000 });
    expect(String(stdout)).toMatch(/^RunStoreError cannot use the run journal [^\n]+the run stays as[^\n]+\n$/);
    const store = openSqliteRunStore(directory);
    expect(store.openRuns()[0]?.entries.length).toBeGreaterThan(2);
    expect(store.append("run-1", CLOSED).entries.at(-1)).toEqual(CLOSED);
    store.close();
  });

  test("a directory below a file", () => {
    writeFileSync(join(directory, "file"), "");
    expect(lineOf(() => openSqliteRunStore(join(directory, "file/state")))).toMatch(
      /^cannot use the run journal [^\n]*ENOTDIR[^\n]*$/,
    );
  });

  test("a directory where the file should be", () => {
    mkdirSync(join(directory, "runs.db"));
    expect(lineOf(() => openSqliteRunStore(directory))).toMatch(
      /^cannot use the run journal [^\n]*unable to open[^\n]*$/,
    );
  });

  test.skipIf(process.getuid?.() === 0)("a directory without write permission", () => {
    chmodSync(directory, 0o500);
    expect(lineOf(() => openSqliteRunStore(directory))).toMatch(/^cannot use the run journal [^\n]+$/);
  });

  test("a file that is no database", () => {
    writeFileSync(join(directory, "runs.db"), "not a database, and longer than the header of one. ".repeat(100));
    expect(lineOf(() => openSqliteRunStore(directory))).toMatch(
      /^cannot use the run journal [^\n]*not a database[^\n]*$/,
    );
  });

  test.each([
    [
      "a newer schema",
      "CREATE TABLE entries (x); PRAGMA user_version = 2; PRAGMA application_id = 0x5172526e",
      /schema version 2/,
    ],
    ["somebody else's file without a version", "CREATE TABLE bookmarks (x)", /not a run journal/],
    [
      "somebody else's file with the same version",
      "CREATE TABLE bookmarks (x); PRAGMA user_version = 1",
      /not a run journal/,
    ],
  ])("%s, which is left as it was", (_, sql, expected) => {
    const path = join(directory, "runs.db");
    const foreign = new DatabaseSync(path);
    foreign.exec(sql);
    foreign.close();
    chmodSync(path, 0o644);
    const before = readFileSync(path);
    const line = lineOf(() => openSqliteRunStore(directory));
    expect(line).toMatch(/^[^\n]+$/);
    expect(line).toMatch(expected);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });
});
