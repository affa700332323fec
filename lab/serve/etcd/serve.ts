import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { Datastore, WatchStream } from "../../world/datastore/datastore.ts";
import type { Process } from "../../world/process.ts";
import type { Release } from "../../world/releases.ts";
import type { RealTime } from "../time/real-time.ts";
import { answerRpc, type Rpc, type RpcHandlers, STATUS } from "./grpc.ts";
import { isPrefixRange, parseRange, parseWatch, rangeResponse, statusResponse, watchResponse } from "./messages.ts";

export interface EtcdOptions {
  readonly time: RealTime;
  readonly datastore: Datastore;
  readonly release: Release;
  /** A process on the same node that asks the datastore in a client's name; it is ended with the connection. */
  readonly spawnClient: () => Process;
}

/** The etcd that k8s-dqlite says it is, from 1.6 on; before it told none. */
const EMULATED_VERSION = "3.5.13";

/** SQLite's file of a small cluster; only shown. */
const DB_BYTES = 8 * 1024 * 1024;

/** Like etcdserver, word for word. */
const COMPACTED = "etcdserver: mvcc: required revision has been compacted";

/** k8s-dqlite's etcd surface: Range, Watch and Status. Writes are the apiserver's alone. The returned function serves a connection. */
export function createEtcdServer(options: EtcdOptions): (stream: Duplex) => void {
  const server = http2.createServer();
  const clients = new WeakMap<http2.Http2Session, Process>();
  server.on("session", (session) => {
    session.on("error", () => {});
    const client = options.spawnClient();
    clients.set(session, client);
    session.on("close", () => options.time.enter(() => client.end({ code: "exited", status: 0 })));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers) => {
    const client = stream.session === undefined ? undefined : clients.get(stream.session);
    if (client === undefined) return stream.close();
    answerRpc(stream, (rpc) => open(String(headers[":path"]), rpc, client, options));
  });
  return (stream) => server.emit("connection", stream);
}

function open(path: string, rpc: Rpc, client: Process, options: EtcdOptions): RpcHandlers {
  switch (path) {
    case "/etcdserverpb.KV/Range":
      return unary((message) => range(message, rpc, client, options));
    case "/etcdserverpb.Watch/Watch":
      return watch(rpc, client, options);
    case "/etcdserverpb.Maintenance/Status":
      return unary(() => status(rpc, client, options));
    case "/etcdserverpb.KV/Txn":
      return unary(() =>
        rpc.end(STATUS.unimplemented, "the lab's kine.sock is read-only: write through the apiserver"),
      );
    default:
      return unary(() => rpc.end(STATUS.unimplemented, `unknown method ${path}`));
  }
}

function unary(onMessage: (message: Buffer) => void): RpcHandlers {
  return { onMessage, onEnd: () => {}, onClose: () => {} };
}

function range(message: Buffer, rpc: Rpc, client: Process, { time, datastore }: EtcdOptions): void {
  const request = parseRange(message);
  const isPrefix = request.rangeEnd.length > 0;
  if (isPrefix && !isPrefixRange(request)) return rpc.end(STATUS.unknown, "unexpected range end");
  const query = { key: request.key, isPrefix, ...(request.revision > 0 ? { revision: request.revision } : {}) };
  time.enter(() =>
    datastore.range(client, query, (answer) => {
      if (!answer.ok) return rpc.end(STATUS.unknown, answer.error);
      rpc.send(rangeResponse(answer.value.revision, answer.value.objects, request));
      rpc.end(STATUS.ok);
    }),
  );
}

function status(rpc: Rpc, client: Process, { time, datastore, release }: EtcdOptions): void {
  time.enter(() =>
    datastore.range(client, { key: "/registry/health" }, (answer) => {
      if (!answer.ok) return rpc.end(STATUS.unknown, answer.error);
      const version = release.streamSlots === null ? "" : EMULATED_VERSION;
      rpc.send(statusResponse(answer.value.revision, version, DB_BYTES));
      rpc.end(STATUS.ok);
    }),
  );
}

/** One Watch stream may hold several watches. Progress that was asked for is told under watch id -1, as etcd does it. */
function watch(rpc: Rpc, client: Process, { time, datastore }: EtcdOptions): RpcHandlers {
  const watches = new Map<number, WatchStream>();
  let lastId = 0;

  function create(request: Extract<ReturnType<typeof parseWatch>, { kind: "create" }>): void {
    const watchId = request.watchId > 0 ? request.watchId : lastId;
    lastId = watchId + 1;
    const query = {
      prefix: request.key,
      afterRevision: request.startRevision > 0 ? request.startRevision - 1 : null,
      periodicProgress: request.progress,
    };
    const stream = datastore.watch(client, query, {
      onCreated: (revision) => rpc.send(watchResponse({ revision, watchId, created: true })),
      onEvents: (events, revision) => rpc.send(watchResponse({ revision, watchId, events })),
      onProgress: (revision) => rpc.send(watchResponse({ revision, watchId: -1 })),
      onEnd: (reason) => {
        watches.delete(watchId);
        const cancelReason = reason === "compacted" ? COMPACTED : reason;
        rpc.send(watchResponse({ revision: 0, watchId, canceled: true, cancelReason }));
      },
    });
    watches.set(watchId, stream);
  }

  return {
    onMessage: (message) => {
      const request = parseWatch(message);
      time.enter(() => {
        if (request.kind === "create") create(request);
        else if (request.kind === "cancel") watches.get(request.watchId)?.close();
        // One reply for the stream, whatever it holds.
        else if (request.kind === "progress") [...watches.values()].at(0)?.requestProgress();
      });
    },
    onEnd: () => rpc.end(STATUS.ok),
    onClose: () =>
      time.enter(() => {
        for (const stream of watches.values()) stream.close();
      }),
  };
}
