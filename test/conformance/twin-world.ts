import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { systemClock } from "../../src/adapters/clock/system-clock.ts";
import { createEtcdApi } from "../../src/adapters/etcd/client.ts";
import type { EtcdApi } from "../../src/ports/etcd-api.ts";
import {
  DQLITE_PORT,
  DQLITE_UNIT,
  faults,
  KINE_SOCKET,
  kube,
  KUBELITE_UNIT,
  memberView,
  nodeAddress,
  NODES,
  type NodeName,
  runOnNode,
  runOnNodeOk,
  sleep,
  STATE_DIR,
} from "../twin/lib/twin.ts";
import { at } from "./ways.ts";
import type { ConformanceWorld, Counters, FeedWatch, Json, Request, Response, Unit, UnitView } from "./world.ts";

const UNITS: Readonly<Record<Unit, string>> = { datastore: DQLITE_UNIT, kubelite: KUBELITE_UNIT };
const ASK_MS = 10_000;
const RANGE_MS = 2000;
/** Longer than the units' stop timeout. */
const RESTART_MS = 60_000;
const METRICS = "http://127.0.0.1:9042/metrics";

export interface TwinWorld extends ConformanceWorld {
  /** Closes its connections; the process stays otherwise. */
  close(): void;
}

/** The running twin by the interface that the lab has too. */
export function createTwinWorld(): TwinWorld {
  const etcd = new Map<string, EtcdApi>(NODES.map((node) => [node, etcdOf(node)]));
  const etcdAt = (node: string): EtcdApi => etcd.get(node) as EtcdApi;
  return {
    nodes: NODES,
    nowMs: () => systemClock.nowMs(),
    pass: (ms) => sleep(ms),
    leaderBy,
    ask: (node, request) => ask(node as NodeName, request),
    storeRevision: async (node) => {
      const read = await etcdAt(node).readRevision(RANGE_MS);
      return read.known ? read.value.revision : null;
    },
    watch: (node, prefix) => Promise.resolve(watch(etcdAt(node), prefix)),
    counters: (node) => counters(node as NodeName),
    pause: (node, program) => {
      const stop = program === "datastore" ? faults.stopDatastore : faults.stopApiserver;
      return Promise.resolve(stop(node as NodeName).undo);
    },
    kill: async (node, unit) => {
      await runOnNodeOk(node as NodeName, ["systemctl", "kill", "--signal=KILL", UNITS[unit]]);
    },
    restart: async (node, unit) => {
      await runOnNodeOk(node as NodeName, ["systemctl", "restart", UNITS[unit]], { timeoutMs: RESTART_MS });
    },
    unit: (node, unit) => unitView(node as NodeName, unit),
    holdStreams: async (node) => {
      await faults.useWatchProxy(node as NodeName, true);
      const held = await faults.holdWatchStreams(node as NodeName);
      return { release: held.undo, close: () => faults.useWatchProxy(node as NodeName, false) };
    },
    close: () => {
      for (const api of etcd.values()) api.close();
    },
  };
}

function etcdOf(node: NodeName): EtcdApi {
  // The node's own file system as the machine sees it.
  const path = join(STATE_DIR, "nodes", node, "root", KINE_SOCKET);
  return createEtcdApi({ connect: () => connected(path), authority: `${node} kine.sock`, clock: systemClock });
}

function connected(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
}

async function leaderBy(members: readonly string[]): Promise<string | null> {
  const views = await Promise.all(members.map((node) => memberView(node as NodeName).catch(() => null)));
  for (const [index, node] of members.entries()) {
    const address = `${nodeAddress(node as NodeName)}:${DQLITE_PORT}`;
    const named = views.filter((view) => view?.leader === address).length;
    if (views[index]?.leader === address && named * 2 > NODES.length) return node;
  }
  return null;
}

async function ask(node: NodeName, { path, query = {}, timeoutMs = ASK_MS, ...rest }: Request): Promise<Response> {
  const search = new URLSearchParams(query).toString();
  const options = { ...rest, timeoutS: timeoutMs / 1000 };
  const startedAtMs = performance.now();
  const answer = await kube(node, search === "" ? path : `${path}?${search}`, options).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    return { status: 0, body: why, tookMs: Math.round(performance.now() - startedAtMs) };
  });
  const body = parsed(answer.body);
  const revision = Number(at(body, "metadata", "resourceVersion") ?? 0);
  return { status: answer.status, ms: answer.tookMs, revision, body };
}

function parsed(text: string): Json {
  if (!text.startsWith("{")) return text;
  return JSON.parse(text) as Json;
}

function watch(api: EtcdApi, prefix: string): FeedWatch {
  const seen = { created: null as number | null, events: [] as number[], progress: [] as number[], isOpen: true };
  const stream = api.watchPrefix(prefix, {
    onCreated: (revision) => void (seen.created = revision),
    onEvents: (revision) => void seen.events.push(revision),
    onProgress: (revision) => void seen.progress.push(revision),
    onEnd: () => void (seen.isOpen = false),
  });
  return Object.assign(seen, { requestProgress: () => stream.requestProgress(), close: () => stream.close() });
}

async function counters(node: NodeName): Promise<Counters | null> {
  const { code, stdout } = await runOnNode(node, ["curl", "-s", "-m", "2", METRICS]);
  if (code !== 0) return null;
  const counts = { poll: 0, other: 0 };
  for (const [, labels = "", count] of stdout.matchAll(/^k8s_dqlite_generic_op_latency_count\{(.*)\} (\d+)$/gm)) {
    // A poll that failed is counted too, once: standing still is what tells.
    counts[labels.includes('tx_name="after_sql_limit"') ? "poll" : "other"] += Number(count);
  }
  return counts;
}

async function unitView(node: NodeName, unit: Unit): Promise<UnitView> {
  const properties = "--property=ActiveState,InvocationID";
  const text = await runOnNodeOk(node, ["systemctl", "show", properties, UNITS[unit]]);
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  const program = unit === "datastore" ? faults.datastoreProcess(node) : faults.apiserverProcess(node);
  return {
    isActive: value("ActiveState") === "active",
    invocationId: value("InvocationID"),
    hasProgram: program !== undefined,
  };
}
