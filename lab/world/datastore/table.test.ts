import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredObject } from "./datastore.ts";
import { createTable } from "./table.ts";

const KEYS = [
  "/registry/health",
  "/registry/leases/default/a",
  "/registry/leases/kube-system/a",
  "/registry/leases/kube-system/b",
  "/registry/leases-of-others/x",
  "/registry/pods/default/a",
  "/registry/crd.projectcalico.org/blocks/a",
] as const;
const PREFIXES = [
  "",
  "/registry/",
  "/registry/le",
  "/registry/leases",
  "/registry/leases/",
  "/registry/leases/kube-system/",
  "/x/",
];

const change = fc.record({
  key: fc.constantFrom(...KEYS),
  isDelete: fc.boolean(),
  compactBy: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 8 }),
});

test("reads at any revision that is not compacted are what a copy of the store at that time would answer", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const table = createTable();
      const copies: Map<string, StoredObject>[] = [new Map()];
      for (const { key, isDelete, compactBy } of changes) {
        const copy = new Map(copies.at(-1));
        const before = copy.get(key);
        if (isDelete && before === undefined) continue;
        const revision = table.write(
          isDelete ? "delete" : before === undefined ? "create" : "update",
          key,
          copies.length,
        );
        expect(revision).toBe(copies.length);
        if (isDelete) copy.delete(key);
        else
          copy.set(key, {
            key,
            value: copies.length,
            createRevision: before?.createRevision ?? revision,
            modRevision: revision,
          });
        copies.push(copy);
        if (compactBy !== null) table.compact(revision - compactBy);
      }
      expect(table.revision).toBe(copies.length - 1);
      for (let at = table.compactedRevision; at < copies.length; at += 1) {
        const copy = copies[at] as Map<string, StoredObject>;
        for (const key of KEYS) expect(table.get(key, at)).toEqual(copy.get(key) ?? null);
        for (const prefix of PREFIXES) {
          const wanted = [...copy.values()].filter(({ key }) => key.startsWith(prefix));
          expect(table.list(prefix, at)).toEqual(wanted.sort((one, other) => (one.key < other.key ? -1 : 1)));
        }
        const seen = table.after(at, 1000);
        expect(seen.map(({ revision }) => revision)).toEqual(copies.slice(at + 1).map((_, more) => at + 1 + more));
      }
    }),
  );
});

test("whoever follows the events has the same objects as the store, also when it begins below the compacted revision", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (changes, limit) => {
      const table = createTable();
      for (const { key, isDelete, compactBy } of changes) {
        if (!isDelete || table.get(key) !== null) table.write(isDelete ? "delete" : "update", key, table.revision + 1);
        if (compactBy !== null) table.compact(table.revision - compactBy);
      }
      const seen = new Map<string, unknown>();
      let revision = 0;
      for (let batch = table.after(0, limit); batch.length > 0; batch = table.after(revision, limit)) {
        for (const event of batch) {
          expect(event.revision).toBeGreaterThan(revision);
          revision = event.revision;
          if (event.type === "put") seen.set(event.key, event.value);
          else seen.delete(event.key);
        }
      }
      expect(seen).toEqual(new Map(table.list("").map(({ key, value }) => [key, value])));
    }),
  );
});

test("an event tells what was before, and whether it made the key", () => {
  const table = createTable();
  table.write("create", "/registry/pods/a", 1);
  table.write("update", "/registry/pods/a", 2);
  table.write("delete", "/registry/pods/a", null);
  expect(table.after(0, 10)).toMatchObject([
    { type: "put", value: 1, previous: null, isCreate: true, revision: 1 },
    { type: "put", value: 2, previous: 1, isCreate: false, revision: 2 },
    { type: "delete", value: null, previous: 2, isCreate: false, revision: 3 },
  ]);
});

test("a compacted revision is not answered from what is left", () => {
  const table = createTable();
  for (let made = 0; made < 5; made += 1) table.write("update", "/registry/pods/a", made);
  table.compact(3);
  expect(() => table.list("/registry/pods/", 2)).toThrow(/compacted/);
  expect(() => table.get("/registry/pods/a", 2)).toThrow(/compacted/);
});

test("a lease is listed until its key is written without one, or is gone", () => {
  const table = createTable();
  table.write("create", "/registry/events/a", 1, 300_000);
  table.write("create", "/registry/masterleases/10.0.0.1", 1, 15_000);
  expect([...table.leased()].map(({ ttlMs }) => ttlMs)).toEqual([300_000, 15_000]);
  table.write("update", "/registry/events/a", 2);
  table.write("delete", "/registry/masterleases/10.0.0.1", null);
  expect([...table.leased()]).toEqual([]);
});
