import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../model/journal-entry.ts";
import { microk8s } from "../../profiles/microk8s/index.ts";
import { rke2 } from "../../profiles/rke2/index.ts";
import { databaseLocked } from "./index.ts";

const UNIT = "snap.microk8s.daemon-k8s-dqlite.service";

function lines(fixture: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "fixtures", fixture), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function entry(message: string, unit: string | null = UNIT): JournalEntry {
  return {
    cursor: null,
    atMs: 1_000,
    bootId: null,
    unit,
    aboutUnit: null,
    pid: 49,
    transport: "stdout",
    message,
    messageCut: false,
  };
}

const matched = lines("k8s-dqlite.txt");

describe("database-locked matches", () => {
  it("every captured failure", () => {
    const facts = matched.map((line) => databaseLocked.match(entry(line), microk8s)?.facts);
    expect(facts).toEqual([
      { tries: 500, exhausted: true, operation: "create", resource: "clusterrolebindings" },
      { tries: 500, exhausted: true, operation: "update", resource: "leases" },
      { tries: 500, exhausted: true, operation: "create", resource: "events" },
      { tries: 500, exhausted: true, operation: "delete", resource: "masterleases" },
      { tries: 500, exhausted: true, operation: null, resource: null },
      { tries: 500, exhausted: true, operation: null, resource: null },
      { tries: null, exhausted: false, operation: null, resource: null },
    ]);
  });

  it("with the time and the unit of the entry", () => {
    expect(databaseLocked.match(entry(matched[0] ?? ""), microk8s)).toMatchObject({ atMs: 1_000, unit: UNIT });
  });
});

describe("database-locked does not match", () => {
  it.each(lines("not-this-signal.txt"))("%s", (line) => {
    expect(databaseLocked.match(entry(line), microk8s)).toBeNull();
  });

  it.each([
    "snap.microk8s.daemon-kubelite.service",
    "snap.microk8s.daemon-containerd.service",
    "cri-containerd-0a1b.scope",
    "snap.microk8s.daemon-k8s-dqlite",
    "init.scope",
    "",
    null,
  ])("the same words from %j: only the datastore's own unit is believed", (unit) => {
    for (const line of matched) expect(databaseLocked.match(entry(line, unit), microk8s)).toBeNull();
  });

  it("where the datastore is no unit", () => {
    expect(databaseLocked.match(entry(matched[0] ?? ""), rke2)).toBeNull();
  });

  it("anything that does not say it, and never throws or hangs", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(databaseLocked.match(entry(text), microk8s)).toBeNull();
      }),
    );
    const long = `exec ${"(try: ".repeat(20_000)} database is locked`;
    expect(databaseLocked.match(entry(long), microk8s)?.facts["tries"]).toBeNull();
  });
});
