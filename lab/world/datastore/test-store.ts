import type { Process } from "../process.ts";
import { RELEASES, type ReleaseId } from "../releases.ts";
import { createTestCluster, type TestCluster } from "../dqlite/test-cluster.ts";
import { createDatastore } from "./create-datastore.ts";
import type {
  Answer,
  Datastore,
  DatastoreEvent,
  Json,
  RangeResult,
  Table,
  TxnResult,
  WatchStream,
} from "./datastore.ts";
import { createTable } from "./table.ts";

/** A watch and what came of it. */
export interface Watching extends WatchStream {
  readonly events: DatastoreEvent[];
  readonly created: number[];
  readonly progress: number[];
  readonly ends: string[];
}

/** A test cluster with a datastore on each node, and one client process per node. */
export interface TestStore extends TestCluster {
  readonly table: Table;
  datastore(node: string): Datastore;
  client(node: string): Process;
  watch(node: string, prefix: string, options?: { afterRevision?: number | null; client?: Process }): Watching;
  read(node: string, key: string, timeoutMs?: number): Promise<Answer<RangeResult> & { ms: number }>;
  write(node: string, key: string, value?: Json, ttlMs?: number): Promise<Answer<TxnResult> & { ms: number }>;
  /** The journal's lines of k8s-dqlite on that node. */
  journal(node: string): string[];
  deadPolls(): string[];
}

export async function createTestStore(
  options: { readonly seed?: number; readonly count?: number; readonly release?: ReleaseId } = {},
): Promise<TestStore> {
  const table = createTable();
  const datastores = new Map<string, Datastore>();
  const boots: [string, Process][] = [];
  const cluster = createTestCluster({
    ...options,
    onBoot: (node, process) => {
      const datastore = datastores.get(node);
      if (datastore === undefined) boots.push([node, process]);
      else datastore.boot(process);
    },
  });
  const { sim, network } = cluster;
  const release = RELEASES[options.release ?? "1.35"];
  const clients = new Map<string, Process>();
  const journals = new Map<string, string[]>();
  for (const host of cluster.hosts) {
    const member = cluster.member(host.name);
    datastores.set(host.name, createDatastore({ sim, network, host, member, table, release }));
    clients.set(host.name, host.spawn("kubelite"));
    const lines: string[] = [];
    journals.set(host.name, lines);
    host.journal.follow(({ fields }) => lines.push(fields["MESSAGE"] ?? ""));
  }
  for (const [node, process] of boots) datastores.get(node)?.boot(process);
  const datastore = (node: string) => datastores.get(node) as Datastore;
  const client = (node: string) => clients.get(node) as Process;

  const store: TestStore = Object.assign(cluster, {
    table,
    datastore,
    client,
    journal: (node: string) => journals.get(node) ?? [],
    deadPolls: () => [...datastores.values()].filter((one) => !one.isPollAlive()).map(({ node }) => node),
    watch: (node: string, prefix: string, made: { afterRevision?: number | null; client?: Process } = {}): Watching => {
      const seen = {
        events: [] as DatastoreEvent[],
        created: [] as number[],
        progress: [] as number[],
        ends: [] as string[],
      };
      const stream = datastore(node).watch(
        made.client ?? client(node),
        { prefix, afterRevision: made.afterRevision ?? null, periodicProgress: true },
        {
          onCreated: (revision) => void seen.created.push(revision),
          onEvents: (events) => void seen.events.push(...events),
          onProgress: (revision) => void seen.progress.push(revision),
          onEnd: (reason) => void seen.ends.push(reason),
        },
      );
      return { ...seen, ...stream };
    },
    read: (node: string, key: string, timeoutMs?: number) =>
      answerOf<RangeResult>((answered) =>
        datastore(node).range(client(node), { key, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, answered),
      ),
    write: (node: string, key: string, value: Json = sim.nowMs(), ttlMs?: number) => {
      const current = table.get(key);
      const request = {
        op: current === null ? "create" : "update",
        key,
        value,
        expectedRevision: current?.modRevision ?? 0,
      } as const;
      return answerOf<TxnResult>((answered) =>
        datastore(node).txn(client(node), { ...request, ...(ttlMs === undefined ? {} : { ttlMs }) }, answered),
      );
    },
  });

  function answerOf<T>(ask: (answered: (answer: Answer<T>) => void) => void): Promise<Answer<T> & { ms: number }> {
    const fromMs = sim.nowMs();
    return cluster.drive(
      new Promise((resolve) => {
        ask((answer) => sim.settle(() => resolve({ ...answer, ms: sim.nowMs() - fromMs })));
      }),
      fromMs + 120_000,
    );
  }

  await store.until(() => cluster.hosts.every(({ name }) => datastore(name).port.listener !== null), 20_000);
  await store.pass(2000);
  return store;
}
