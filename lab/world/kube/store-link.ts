import type { Sim } from "../../sim/sim.ts";
import type {
  Answer,
  Datastore,
  RangeQuery,
  RangeResult,
  TxnRequest,
  TxnResult,
  WatchHandlers,
  WatchQuery,
  WatchStream,
} from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { Deadline } from "./deadlines.ts";
import type { Klog } from "./klog.ts";

/** The etcd client inside an apiserver. Calls wait for a connection as long as their request lives (WaitForReady). */
export interface StoreLink {
  readonly isUp: boolean;
  range(query: RangeQuery, deadline: Deadline, answered: (answer: Answer<RangeResult>) => void): void;
  txn(request: TxnRequest, deadline: Deadline, answered: (answer: Answer<TxnResult>) => void): void;
  watch(query: WatchQuery, handlers: WatchHandlers): WatchStream;
  /** Runs now, or as soon as the connection is there again. */
  whenUp(run: () => void): void;
  /** A call or stream was refused: the connection is gone. */
  lost(): void;
}

/** grpc-go's backoff: 1 s, then 1.6 times as long each time, 20 % more or less. */
const RECONNECT_FIRST_MS = 1000;
/** The most that apiservers wait: it fits the 9 to 11 s after which a cache was fresh again in ten measured restarts. */
const RECONNECT_MOST_MS = 3000;
/** What a client is told of a call whose server went away under it. */
const SERVER_GONE = "rpc error: code = Unavailable desc = error reading from server: EOF";
/** As MicroK8s names its socket. */
const SOCKET = "unix:///var/snap/microk8s/6787/var/kubernetes/backend/kine.sock:12379";

interface StoreLinkOptions {
  readonly sim: Sim;
  readonly process: Process;
  readonly datastore: Datastore;
  readonly release: Release;
  readonly klog: Klog;
}

export function createStoreLink({ sim, process, datastore, release, klog }: StoreLinkOptions): StoreLink {
  const draws = sim.random(`apiserver ${process.node} reconnect`);
  let isUp = true;
  let waitMs = RECONNECT_FIRST_MS;
  let waiting: (() => void)[] = [];

  function lost(): void {
    if (!isUp) return;
    isUp = false;
    waitMs = RECONNECT_FIRST_MS;
    reconnect();
  }

  function reconnect(): void {
    const { listener } = datastore.port;
    if (listener !== null && listener.state !== "ended") {
      isUp = true;
      const due = waiting;
      waiting = [];
      for (const run of due) run();
      return;
    }
    // The same grpc-go that brought the noise brought the longer form.
    klog("W", "logging.go:55", refusedLine(release.scrapeNoise));
    const drawnMs = Math.floor((waitMs * draws.between(80, 120)) / 100);
    waitMs = Math.min(RECONNECT_MOST_MS, Math.floor(waitMs * 1.6));
    process.after(drawnMs, reconnect);
  }

  const whenUp = (run: () => void): void => {
    if (isUp) run();
    else waiting.push(run);
  };

  function range(query: RangeQuery, deadline: Deadline, answered: (answer: Answer<RangeResult>) => void): void {
    if (deadline.isOver) return;
    if (!isUp) return void waiting.push(() => range(query, deadline, answered));
    datastore.range(process, { ...query, timeoutMs: deadline.limitMs }, (answer) => {
      if (answer.ok || !isConnectionError(answer.error)) return answered(answer);
      lost();
      // A read is tried again by itself.
      whenUp(() => range(query, deadline, answered));
    });
  }

  function txn(request: TxnRequest, deadline: Deadline, answered: (answer: Answer<TxnResult>) => void): void {
    if (deadline.isOver) return;
    if (!isUp) return void waiting.push(() => txn(request, deadline, answered));
    datastore.txn(process, { ...request, timeoutMs: deadline.limitMs }, (answer) => {
      if (answer.ok || !isConnectionError(answer.error)) return answered(answer);
      lost();
      // Refused: never sent. Reset: it may have happened, and only the caller may decide what to do.
      if (answer.error === "connection-refused") whenUp(() => txn(request, deadline, answered));
      else answered({ ok: false, error: SERVER_GONE });
    });
  }

  return {
    get isUp() {
      return isUp;
    },
    range,
    txn,
    watch: (query, handlers) => datastore.watch(process, query, handlers),
    whenUp,
    lost,
  };
}

export function isConnectionError(error: string): boolean {
  return error === "connection-refused" || error === "connection-reset";
}

const UNIX_SOCKET = SOCKET.replace("unix://", "unix ");

/** What grpc-go 1.72 and later print of the address, in the apiservers of 1.34 on. */
const ATTRIBUTES = ' BalancerAttributes: {"<%!p(pickfirstleaf.managedByPickfirstKeyType={})>": "<%!p(bool=true)>" },';

function createTransportLine(isModern: boolean, error: string): string {
  const channel = "[core] [Channel #7 SubChannel #9]grpc: addrConn.createTransport failed to connect to";
  const address = `{Addr: "${SOCKET}", ServerName: "kine.sock:12379",${isModern ? ATTRIBUTES : ""} }`;
  return `${channel} ${address}. Err: connection error: desc = "${error}"`;
}

function refusedLine(isModern: boolean): string {
  const error = `transport: Error while dialing: dial ${UNIX_SOCKET}: connect: connection refused`;
  return createTransportLine(isModern, error);
}

/**
 * What one scrape of /metrics leaves in the journal of Kubernetes 1.34 to 1.36: it makes an etcd client of its own and
 * closes it at once. It says nothing of the datastore (kubernetes/kubernetes 134080, 139744).
 */
export function scrapeNoiseLine(isCanceled: boolean): string {
  const error = isCanceled
    ? `transport: Error while dialing: dial ${UNIX_SOCKET}: operation was canceled`
    : `transport: failed to write client preface: write ${UNIX_SOCKET}: use of closed network connection`;
  return createTransportLine(true, error);
}
