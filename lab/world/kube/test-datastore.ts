import type { Sim } from "../../sim/sim.ts";
import type {
  Answer,
  Datastore,
  DatastoreEvent,
  StoredObject,
  TxnRequest,
  TxnResult,
  WatchHandlers,
  WatchQuery,
} from "../datastore/datastore.ts";
import type { Network, Port } from "../network.ts";
import { createProcess, type Process } from "../process.ts";

/** One store for all nodes of a test, without raft: what is written is there at once. */
export interface TestStore {
  revision: number;
  compactedRevision: number;
  readonly rows: DatastoreEvent[];
  readonly objects: Map<string, StoredObject>;
  /** Called after each write. */
  readonly onWrite: Set<() => void>;
  /** The statements' time, in ms; null: no statement is answered. */
  latencyMs: number | null;
  /** What every write is refused with. */
  writeError: string | null;
  transactions: number;
}

export function createTestStore(): TestStore {
  return {
    revision: 1,
    compactedRevision: 0,
    rows: [],
    objects: new Map(),
    onWrite: new Set(),
    latencyMs: 0,
    writeError: null,
    transactions: 0,
  };
}

export interface TestDatastore extends Datastore {
  /** The poll loop is dead: nothing is delivered any more, all else goes on. */
  isFeedDead: boolean;
  /** Streams of these prefixes are open and mute. */
  readonly muted: Set<string>;
  /** Ends all streams with the reason. */
  endStreams(reason: string): void;
  down(): void;
  up(): void;
}

interface Stream {
  readonly query: WatchQuery;
  readonly handlers: WatchHandlers;
  readonly client: Process;
  sentRevision: number;
}

export function createTestDatastore(sim: Sim, network: Network, node: string, store: TestStore): TestDatastore {
  const port: Port = { node, listener: null };
  const streams = new Set<Stream>();
  let published = 0;
  let isHeld = false;
  let process = createProcess(sim, { node, program: "k8s-dqlite", pid: 100 });
  port.listener = process;

  const soon = (run: () => void) => {
    if (store.latencyMs !== null) sim.after(store.latencyMs, run);
  };

  /** Rows after a revision; they are in order, and few of them are new. */
  function rowsAfter(revision: number): readonly DatastoreEvent[] {
    let from = store.rows.length;
    while (from > 0 && (store.rows[from - 1]?.revision ?? 0) > revision) from -= 1;
    return store.rows.slice(from);
  }

  function pump(stream: Stream, rows: readonly DatastoreEvent[] = rowsAfter(stream.sentRevision)): void {
    if (isHeld || self.isFeedDead || self.muted.has(stream.query.prefix)) return;
    const events = rows.filter(
      ({ revision, key }) => revision > stream.sentRevision && key.startsWith(stream.query.prefix),
    );
    stream.sentRevision = Math.max(stream.sentRevision, store.revision);
    if (events.length > 0) stream.client.deliver(() => stream.handlers.onEvents(events, stream.sentRevision));
  }

  function publish(): void {
    if (process.state !== "running" || self.isFeedDead || published === store.revision) return;
    const rows = rowsAfter(published);
    published = store.revision;
    for (const stream of streams) pump(stream, rows);
  }
  store.onWrite.add(() => sim.after(0, publish));

  function write({ op, key, value = null, expectedRevision }: TxnRequest): TxnResult {
    store.transactions += 1;
    const current = store.objects.get(key) ?? null;
    if ((current?.modRevision ?? 0) !== expectedRevision)
      return { succeeded: false, revision: store.revision, current };
    store.revision += 1;
    const { revision } = store;
    const row = { key, revision, previous: current?.value ?? null, isCreate: current === null };
    if (op === "delete") {
      store.objects.delete(key);
      store.rows.push({ ...row, type: "delete", value: null });
    } else {
      const createRevision = current?.createRevision ?? revision;
      store.objects.set(key, { key, value, createRevision, modRevision: revision });
      store.rows.push({ ...row, type: "put", value });
    }
    for (const told of store.onWrite) told();
    return { succeeded: true, revision };
  }

  function watch(client: Process, query: WatchQuery, handlers: WatchHandlers) {
    const sentRevision = query.afterRevision ?? store.revision;
    const stream: Stream = { query, handlers, client, sentRevision };
    sim.after(0, () =>
      client.deliver(() => {
        if (port.listener === null) return handlers.onEnd("connection-refused");
        if (sentRevision < store.compactedRevision) return handlers.onEnd("compacted");
        streams.add(stream);
        handlers.onCreated(0);
        if (!self.isFeedDead) pump(stream);
      }),
    );
    return {
      requestProgress: () =>
        sim.after(0, () => {
          if (!streams.has(stream) || process.state !== "running") return;
          if (isHeld) return;
          const isFresh = !self.isFeedDead && !self.muted.has(query.prefix);
          const revision = isFresh ? store.revision : published;
          client.deliver(() => handlers.onProgress(revision));
        }),
      close: () => streams.delete(stream),
    };
  }

  const self: TestDatastore = {
    node,
    port,
    isFeedDead: false,
    muted: new Set(),
    boot: () => undefined,
    range: (client, { key, isPrefix = false }, answered) => {
      network.call<Answer<{ objects: StoredObject[]; revision: number }>>({
        from: client,
        to: port,
        serve: (answer) =>
          soon(() => {
            const objects = [...store.objects.values()].filter((one) =>
              isPrefix ? one.key.startsWith(key) : one.key === key,
            );
            objects.sort((one, other) => (one.key < other.key ? -1 : 1));
            answer({ ok: true, value: { objects, revision: store.revision } });
          }),
        answered,
        refused: (error) => answered({ ok: false, error }),
      });
    },
    txn: (client, request, answered) => {
      network.call<Answer<TxnResult>>({
        from: client,
        to: port,
        serve: (answer) =>
          soon(() =>
            answer(
              store.writeError === null ? { ok: true, value: write(request) } : { ok: false, error: store.writeError },
            ),
          ),
        answered,
        refused: (error) => answered({ ok: false, error }),
      });
    },
    watch,
    counters: () => ({ pollQueries: 0, otherQueries: 0, failedTransactions: 0 }),
    isPollAlive: () => !self.isFeedDead,
    mutedPrefixes: () => [...self.muted],
    mute: (prefix) => self.muted.add(prefix),
    holdWatches: () => {
      isHeld = true;
      return () => {
        isHeld = false;
        for (const stream of streams) pump(stream);
      };
    },
    endStreams: (reason) => {
      const open = [...streams];
      streams.clear();
      for (const { client, handlers } of open) client.deliver(() => handlers.onEnd(reason));
    },
    down: () => {
      port.listener = null;
      process.end({ code: "killed", signal: "KILL" });
      self.endStreams("connection-reset");
    },
    up: () => {
      process = createProcess(sim, { node, program: "k8s-dqlite", pid: 101 });
      port.listener = process;
      self.isFeedDead = false;
      self.muted.clear();
    },
  };
  return self;
}
