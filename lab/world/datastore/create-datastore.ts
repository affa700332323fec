import type { Sim } from "../../sim/sim.ts";
import type { DqliteMember } from "../dqlite/dqlite.ts";
import { printLine } from "../dqlite/lines.ts";
import type { Host } from "../host/host.ts";
import type { Network, Port } from "../network.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { Answer, Datastore, Table, WatchStream } from "./datastore.ts";
import { createDeadlines } from "./deadlines.ts";
import { DEADLINE_ERROR } from "./errors.ts";
import { createServer, type HungUp, type Server } from "./server.ts";
import type { Stream } from "./streams.ts";
import { BACKEND_DIR } from "./upkeep.ts";

export interface DatastoreParts {
  readonly sim: Sim;
  readonly network: Network;
  readonly host: Host;
  readonly member: DqliteMember;
  readonly table: Table;
  readonly release: Release;
  /** Whether this node's member leads: who compacts. Usual: as the member itself believes. */
  readonly isLeader?: () => boolean;
}

/** From the process's start until it looks for the leader; then it sets its tables up and serves. */
const START_MS = { min: 300, max: 800 } as const;

/** How long the apiserver waits for its store, and its health check for the one key it reads. */
const TIMEOUT_MS = 34_000;
const HEALTH_KEY = "/registry/health";
const HEALTH_TIMEOUT_MS = 2000;

/** Of the reads and writes that were given up on real nodes, one in eight was seen as the deadline, the rest as hung up. */
const DEADLINE_SEEN = { in: 1, of: 8 } as const;

/** k8s-dqlite of one node. */
export function createDatastore(parts: DatastoreParts): Datastore {
  const { sim, network, host, member } = parts;
  const node = host.name;
  const port: Port = { node, listener: null };
  const random = sim.random(`k8s-dqlite ${node}`);
  const isLeader = parts.isLeader ?? (() => member.state().leader?.id === member.state().id);
  const deadlines = createDeadlines(sim);
  let server: Server | null = null;
  /** Streams that are open with the process that listens, told of its end. */
  const connected = new Set<() => void>();
  const holds = new Set<{ readonly program: string | null; letGo: (() => void) | undefined }>();

  function boot(process: Process): void {
    process.onEnd(() => {
      if (port.listener !== process) return;
      port.listener = null;
      server = null;
      const streams = [...connected];
      connected.clear();
      for (const tell of streams) tell();
    });
    // It reads the compact revision before it serves: without a leader it does not get there.
    process.after(random.between(START_MS.min, START_MS.max), () => open(process));
  }

  function open(process: Process): void {
    member.statement({ kind: "read", run: () => undefined }, (result) => (result.ok ? serve(process) : open(process)));
  }

  function serve(process: Process): void {
    const { id, address } = member.state();
    const listen = `unix://${BACKEND_DIR}/kine.sock:12379`;
    printLine(host, process, "info", "started dqlite", { address, id });
    printLine(host, process, "info", `k8s-dqlite listening on ${listen}`);
    printLine(host, process, "info", "started k8s-dqlite server", { address: listen });
    printLine(host, process, "info", "enable periodic check for available disk size", {
      dir: BACKEND_DIR,
      interval: "5s",
    });
    server = createServer({ ...parts, isLeader }, process);
    port.listener = process;
    for (const hold of holds) hold.letGo = server.streams.hold(hold.program);
  }

  function call<T>(
    client: Process,
    timeoutMs: number,
    serve: (server: Server, answer: (answer: Answer<T>) => void) => (why: HungUp) => void,
    answered: (answer: Answer<T>) => void,
  ): void {
    let hangUp: ((why: HungUp) => void) | null = null;
    let isGivenUp = false;
    const forget = network.call<Answer<T>>({
      from: client,
      to: port,
      serve: (answer) => {
        // A server that stood still finds request and reset together.
        if (server !== null && !isGivenUp) hangUp = serve(server, answer);
      },
      answered: (answer) => {
        inTime();
        answered(answer);
      },
      refused: (why) => {
        inTime();
        answered({ ok: false, error: why });
      },
    });
    const inTime = deadlines.add(timeoutMs, () => client.deliver(late));
    const late = (): void => {
      forget();
      isGivenUp = true;
      const why = random.chance(DEADLINE_SEEN.in, DEADLINE_SEEN.of) ? "context deadline exceeded" : "context canceled";
      if (hangUp !== null) port.listener?.deliver(() => hangUp?.(why));
      answered({ ok: false, error: DEADLINE_ERROR });
    };
  }

  const watch: Datastore["watch"] = (client, query, handlers): WatchStream => {
    let stream: Stream | null = null;
    let isClosed = false;
    const ended = (reason: string) => {
      if (isClosed) return;
      isClosed = true;
      forgetClient();
      connected.delete(lost);
      client.deliver(() => handlers.onEnd(reason));
    };
    const lost = () => network.send(node, client.node, () => ended("connection-reset"));
    const close = () => {
      isClosed = true;
      forgetClient();
      connected.delete(lost);
      const closing = stream;
      if (closing !== null) port.listener?.deliver(() => server?.streams.close(closing));
    };
    const forgetClient = client.onEnd(close);
    network.send(client.node, node, () => {
      const { listener } = port;
      if (isClosed) return;
      if (listener === null) return network.send(node, client.node, () => ended("connection-refused"));
      connected.add(lost);
      listener.deliver(() => {
        if (isClosed || server === null) return;
        stream = server.streams.open(client, query, { ...handlers, onEnd: ended });
        server.watch(stream);
      });
    });
    return {
      requestProgress: () =>
        network.send(client.node, node, () => {
          const asked = stream;
          if (asked?.isOpen === true) port.listener?.deliver(() => server?.streams.progress(asked));
        }),
      close,
    };
  };

  function hold(program: string | null): () => void {
    const mine = { program, letGo: server?.streams.hold(program) };
    holds.add(mine);
    return () => {
      if (holds.delete(mine)) mine.letGo?.();
    };
  }

  return {
    node,
    port,
    boot,
    range: (client, query, answered) => {
      const usualMs = query.key === HEALTH_KEY ? HEALTH_TIMEOUT_MS : TIMEOUT_MS;
      call(client, query.timeoutMs ?? usualMs, (at, answer) => at.range(query, answer), answered);
    },
    txn: (client, request, answered) =>
      call(client, request.timeoutMs ?? TIMEOUT_MS, (at, answer) => at.txn(request, answer), answered),
    watch,
    counters: () => ({ ...(server?.counters ?? { pollQueries: 0, otherQueries: 0, failedTransactions: 0 }) }),
    isPollAlive: () => server?.poll.isAlive === true,
    mutedPrefixes: () => server?.streams.mutedPrefixes() ?? [],
    holdStreams: hold,
    holdWatches: () => hold(null),
    mute: (prefix) => server?.streams.mute(prefix),
  };
}
