import type { DatastoreEvent, StoredObject, Table } from "./datastore.ts";
import { createKeys } from "./keys.ts";

/**
 * The table `kine`: append-only rows whose id is the revision. History is kept from the compacted revision on; the current
 * objects are kept besides, so that what everybody reads costs nothing.
 */
export function createTable(): Table {
  const current = createKeys();
  const leased = new Map<string, DatastoreEvent>();
  /** Rows `compacted + 1` to `revision`, and what each of them replaced. */
  let events: DatastoreEvent[] = [];
  let replaced: (StoredObject | null)[] = [];
  let revision = 0;
  let compacted = 0;

  /** What changed after `at`, by key, as it was then; null when it was not there. */
  function changedSince(at: number, prefix: string): Map<string, StoredObject | null> {
    if (at < compacted) throw new RangeError(`revision ${at} is compacted, the history begins at ${compacted}`);
    const changed = new Map<string, StoredObject | null>();
    for (let row = at - compacted; row < events.length; row += 1) {
      const { key } = events[row] as DatastoreEvent;
      if (key.startsWith(prefix) && !changed.has(key)) changed.set(key, replaced[row] ?? null);
    }
    return changed;
  }

  function listAt(prefix: string, at: number): readonly StoredObject[] {
    const changed = changedSince(at, prefix);
    if (changed.size === 0) return current.list(prefix);
    const old = [...changed.values()].filter((object) => object !== null);
    return [...current.list(prefix).filter(({ key }) => !changed.has(key)), ...old].sort((one, other) =>
      one.key < other.key ? -1 : 1,
    );
  }

  function write(
    op: "create" | "update" | "delete",
    key: string,
    value: StoredObject["value"],
    ttlMs?: number,
  ): number {
    const before = current.get(key) ?? null;
    revision += 1;
    const isGone = op === "delete";
    const event: DatastoreEvent = {
      type: isGone ? "delete" : "put",
      key,
      value: isGone ? null : value,
      previous: before?.value ?? null,
      isCreate: !isGone && before === null,
      revision,
      ...(ttlMs === undefined || isGone ? {} : { ttlMs }),
    };
    events.push(event);
    replaced.push(before);
    if (isGone) current.remove(key);
    else current.put({ key, value, createRevision: before?.createRevision ?? revision, modRevision: revision });
    if (event.ttlMs !== undefined) leased.set(key, event);
    else if (leased.size > 0) leased.delete(key);
    return revision;
  }

  /** Rows up to the compacted revision that something still needs: the last ones of keys that are there. */
  function kept(after: number): DatastoreEvent[] {
    return listAt("", compacted)
      .filter(({ modRevision }) => modRevision > after)
      .sort((one, other) => one.modRevision - other.modRevision)
      .map(eventOf);
  }

  return {
    get revision() {
      return revision;
    },
    get compactedRevision() {
      return compacted;
    },
    get: (key, at) => {
      const now = current.get(key) ?? null;
      if (at === undefined || at >= revision || (now !== null && now.modRevision <= at && at >= compacted)) return now;
      const then = changedSince(at, key).get(key);
      return then === undefined ? now : then;
    },
    list: (prefix, at) => (at === undefined || at >= revision ? current.list(prefix) : listAt(prefix, at)),
    after: (after, limit) => {
      if (after >= revision || limit <= 0) return NONE;
      if (after >= compacted) return events.slice(after - compacted, after - compacted + limit);
      const old = kept(after);
      return old.length >= limit ? old.slice(0, limit) : [...old, ...events.slice(0, limit - old.length)];
    },
    write,
    leased: () => leased.values(),
    compact: (to) => {
      const target = Math.min(to, revision);
      if (target <= compacted) return;
      events = events.slice(target - compacted);
      replaced = replaced.slice(target - compacted);
      compacted = target;
    },
  };
}

const NONE: readonly DatastoreEvent[] = [];

/** A row as an event when the row before it is gone: what it replaced is not known any more. */
function eventOf({ key, value, createRevision, modRevision }: StoredObject): DatastoreEvent {
  return { type: "put", key, value, previous: null, isCreate: createRevision === modRevision, revision: modRevision };
}
