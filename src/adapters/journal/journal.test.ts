import { describe, expect, it } from "vitest";
import { microk8s } from "../../core/profiles/microk8s/index.ts";
import { databaseLocked } from "../../core/signals/database-locked/index.ts";
import type { CommandResult, CommandStream, NodeAccess } from "../../ports/node-access.ts";
import { runCommand } from "../exec/run.ts";
import { streamCommand } from "../exec/stream.ts";
import { createLocalAccess } from "../node/local.ts";
import { countSignals } from "./count-signals.ts";
import { followJournal } from "./follow.ts";
import { readJournalRange } from "./read-range.ts";

/** A node whose journalctl is the given sh script; its arguments are the words that we gave journalctl. */
function nodeWith(script: string): NodeAccess {
  const words = (argv: readonly string[]) => ["sh", "-c", script, ...argv];
  return {
    ...createLocalAccess("k8s01"),
    run: (argv, options): Promise<CommandResult> => runCommand(words(argv), options),
    stream: (argv): Promise<CommandStream> => streamCommand(words(argv)),
  };
}

const THREE = String.raw`for i in 1 2 3; do printf '__REALTIME_TIMESTAMP=%d000000\nMESSAGE=m%d\n\n' $i $i; done`;
const REQUEST = { units: ["foo"], since: { atMs: 1_500 }, linesMax: 10, deadlineMs: 10_000 };

describe("readJournalRange", () => {
  it("returns the entries, oldest first", async () => {
    const reading = await readJournalRange(nodeWith(THREE), REQUEST);
    expect(reading).toMatchObject({ known: true, value: { complete: true, untimed: 0, warning: null } });
    expect(reading.known && reading.value.entries.map((entry) => entry.message)).toEqual(["m1", "m2", "m3"]);
  });

  it("asks for the unit's full name, in the range, and one more line than wanted", async () => {
    const script = String.raw`printf '__REALTIME_TIMESTAMP=1\nMESSAGE=%s\n\n' "$*"`;
    const reading = await readJournalRange(nodeWith(script), { ...REQUEST, until: { atMs: 2_000 } });
    const argv = reading.known ? (reading.value.entries[0]?.message ?? "") : "";
    for (const word of ["--unit=foo.service", "--since=@1.500", "--until=@2.000", "--lines=11", "--output=export"]) {
      expect(argv).toContain(word);
    }
  });

  it("says when there was more", async () => {
    const reading = await readJournalRange(nodeWith(THREE), { ...REQUEST, linesMax: 2 });
    expect(reading).toMatchObject({ value: { complete: false, entries: [{ message: "m2" }, { message: "m3" }] } });
  });

  it("passes on what journalctl warned of", async () => {
    const warning = "Journal file /var/log/journal/x is truncated, ignoring file.";
    const reading = await readJournalRange(nodeWith(`${THREE}; echo '${warning}' >&2`), REQUEST);
    expect(reading).toMatchObject({ value: { warning } });
  });

  it("tells a quiet unit from a journal that is not there", async () => {
    const quiet = String.raw`case "$*" in *--unit*) ;; *) printf '__REALTIME_TIMESTAMP=1\n\n' ;; esac`;
    expect(await readJournalRange(nodeWith(quiet), REQUEST)).toMatchObject({ known: true, value: { entries: [] } });
    expect(await readJournalRange(nodeWith(":"), REQUEST)).toMatchObject({ known: false, reason: "not-found" });
  });

  it.each([
    ["echo 'sudo: a password is required' >&2; exit 1", "permission-denied"],
    ["echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1", "permission-denied"],
    ["echo 'Failed to open journal: No such file or directory' >&2; exit 1", "not-found"],
    ["echo 'Failed to iterate through journal: Input/output error' >&2; exit 1", "server-error"],
    ["exit 127", "not-found"],
    ["kill -9 $$", "server-error"],
  ])("when journalctl ends by %j it is %s, in one line", async (script, reason) => {
    const reading = await readJournalRange(nodeWith(script), REQUEST);
    expect(reading).toMatchObject({ known: false, reason, detail: expect.stringMatching(/^k8s01: journalctl[^\n]*$/) });
  });

  it("does not guess when the output is something else", async () => {
    const reading = await readJournalRange(nodeWith(`echo 'Welcome to k8s01'; ${THREE}`), REQUEST);
    expect(reading).toMatchObject({ known: false, reason: "protocol" });
  });

  it("gives up at the deadline", async () => {
    const reading = await readJournalRange(nodeWith("sleep 60"), { ...REQUEST, deadlineMs: 100 });
    expect(reading).toMatchObject({ known: false, reason: "deadline" });
  });
});

describe("countSignals", () => {
  const request = { units: ["snap.microk8s.daemon-k8s-dqlite"], windowMs: 299_500, deadlineMs: 10_000 };

  it("counts what the datastore's unit said, in a window on the node's clock", async () => {
    const script = String.raw`case "$*" in *--since=-300s*--until=now*) ;; *) exit 3 ;; esac
for unit in snap.microk8s.daemon-k8s-dqlite pod snap.microk8s.daemon-k8s-dqlite; do
  printf '__REALTIME_TIMESTAMP=1\n_SYSTEMD_UNIT=%s.service\nMESSAGE=exec (try: 500): database is locked\n\n' $unit
done`;
    expect(await countSignals(nodeWith(script), databaseLocked, microk8s, request)).toEqual({ known: true, value: 2 });
  });

  it("is unknown, and not zero, when the journal cannot be read", async () => {
    const reading = await countSignals(nodeWith("exit 1"), databaseLocked, microk8s, request);
    expect(reading.known).toBe(false);
  });
});

describe("followJournal", () => {
  it("yields entries as they come, until stop", async () => {
    const follow = await followJournal(nodeWith(`${THREE}; sleep 60`), { units: ["foo"] });
    const seen: string[] = [];
    for await (const entry of follow.entries) {
      seen.push(entry.message);
      if (seen.length === 3) await follow.stop();
    }
    expect(seen).toEqual(["m1", "m2", "m3"]);
    expect(await follow.ended).toBeNull();
  });

  it("says why it ended by itself", async () => {
    const script = "echo 'Failed to seek to cursor: Invalid argument' >&2; exit 1";
    const follow = await followJournal(nodeWith(script), { units: ["foo"], from: { afterCursor: "s=x" } });
    for await (const entry of follow.entries) expect(entry).toBeUndefined();
    expect(await follow.ended).toMatchObject({ reason: "server-error", message: /Failed to seek to cursor/ });
  });

  it("ends when the output is something else, without anybody's stop", async () => {
    const follow = await followJournal(nodeWith(`${THREE}; echo rubbish; sleep 60`), { units: ["foo"] });
    let count = 0;
    for await (const entry of follow.entries) count += entry.message === "" ? 0 : 1;
    expect(count).toBe(3);
    expect(await follow.ended).toMatchObject({ reason: "protocol" });
  });

  it("skips nothing after a cursor, and begins with now without one", async () => {
    const script = String.raw`printf '__REALTIME_TIMESTAMP=1\nMESSAGE=%s\n\n' "$*"`;
    for (const [from, words] of [
      [{ afterCursor: "s=1;i=2" }, ["--no-tail", "--after-cursor=s=1;i=2"]],
      [{ sinceMs: 5 }, ["--no-tail", "--since=@0.005"]],
      [undefined, ["--lines=0"]],
    ] as const) {
      const follow = await followJournal(nodeWith(script), { units: [], ...(from === undefined ? {} : { from }) });
      for await (const { message } of follow.entries) for (const word of words) expect(message).toContain(word);
    }
  });
});
