import type { Ladder } from "../../src/core/ladder/climb.ts";
import type { NodeName, UnitRole, UnitState } from "../../src/core/model/observation.ts";
import type { RungId, RungState, Verdict } from "../../src/core/model/verdict.ts";
import { RUNG_IDS } from "../../src/core/model/verdict.ts";
import type { JournalEntry } from "../../src/core/runbooks/journal.ts";
import type { Run } from "../../src/ports/run-store.ts";
import type { QuorateEvent, ReadNote } from "../quorate/events.ts";
import type { UnitChange } from "../world/host/host.ts";
import { UNITS } from "../world/world.ts";
import type { Invariant, LabEvent, Violation, WatchedQuorate } from "./invariant.ts";
import type { Truth } from "./truth.ts";

/** What is true on one node of a hand-made run. */
export interface FakeNode {
  isUp: boolean;
  datastore: string;
  kubelite: string;
  process: "running" | "paused" | "down";
  api: "running" | "paused" | "down";
  resumes: number;
  isStopMarked: boolean;
  isPollAlive: boolean;
  muted: readonly string[];
  caches: Map<string, number>;
}

type EventBody = LabEvent extends infer One ? (One extends LabEvent ? Omit<One, "atMs"> : never) : never;
type QuorateBody = QuorateEvent extends infer One
  ? One extends QuorateEvent
    ? Omit<One, "atMs" | "quorate">
    : never
  : never;

/** A hand-made run: a test sets what is true, lets time pass and tells events; violations are collected. */
export interface TestLab {
  readonly nodes: Readonly<Record<NodeName, FakeNode>>;
  readonly quorate: { -readonly [K in keyof WatchedQuorate]: WatchedQuorate[K] };
  leader: NodeName | null;
  lock: { readonly holder: string; readonly token: number } | null;
  revision: number;
  isQuick: boolean;
  busyCount: number;
  readonly cuts: Set<string>;
  readonly runs: Map<string, Run>;
  readonly found: readonly string[];
  /** Lets time pass, with a look each second. */
  pass(seconds: number): void;
  tell(event: EventBody): void;
  /** An event of the Quorate under watch. */
  says(event: QuorateBody): void;
  /** systemd takes a unit down for a restart and has it up again. */
  restart(node: NodeName, by: string, role?: UnitRole): void;
  /** An entry of the journal of run `r1` becomes durable. */
  entry(entry: Omit<JournalEntry, "atMs"> & { readonly kind: JournalEntry["kind"] } & Record<string, unknown>): void;
  finish(): void;
}

export const NODES = ["k8s01", "k8s02", "k8s03"] as const;
export const OLD_ID = "d".repeat(32);

/** A healthy cluster of three nodes, watched by one Quorate on `ops`. */
export function createTestLab(invariant: Invariant): TestLab {
  let nowMs = 1_000_000;
  const found: string[] = [];
  const nodes = Object.fromEntries(NODES.map((name) => [name, healthyNode()])) as Record<NodeName, FakeNode>;
  const runs = new Map<string, Run>();
  const note = (violation: Violation | null | undefined): void => {
    if (violation != null) found.push(violation.message);
  };
  const lab: TestLab = {
    nodes,
    quorate: {
      name: "quorate",
      place: "ops",
      nodes: NODES,
      mode: "recover",
      state: "running",
      watchingSinceMs: nowMs,
      ladder: ladderOf({}),
      runs: () => [...runs.values()],
    },
    leader: "k8s01",
    lock: null,
    revision: 5000,
    isQuick: true,
    busyCount: 0,
    cuts: new Set(),
    runs,
    found,
    pass: (seconds) => {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1000;
        note(watch.check?.());
      }
    },
    tell: (event) => note(watch.onEvent?.({ ...event, atMs: nowMs })),
    says: (event) => note(watch.onEvent?.({ ...event, atMs: nowMs, quorate: "quorate" })),
    restart: (node, by, role = "datastore") => {
      for (const what of ["stopping", "stopped", "starting", "started"] as const) {
        const change: UnitChange = { node, unit: UNITS[role], what, by, how: null };
        lab.tell({ kind: "unit", change });
      }
    },
    entry: (entry) => {
      const full = { ...entry, atMs: nowMs } as unknown as JournalEntry;
      const run = { id: "r1", entries: [...(runs.get("r1")?.entries ?? []), full] };
      runs.set("r1", run);
      lab.says({ kind: "entry", run: "r1", entry: full });
    },
    finish: () => note(watch.finish?.()),
  };
  const watch = invariant.create({ truth: truthOf(lab, () => nowMs), quorates: [lab.quorate] });
  return lab;
}

function healthyNode(): FakeNode {
  return {
    isUp: true,
    datastore: "active",
    kubelite: "active",
    process: "running",
    api: "running",
    resumes: 0,
    isStopMarked: false,
    isPollAlive: true,
    muted: [],
    caches: new Map([["leases.coordination.k8s.io", 5000]]),
  };
}

function truthOf(lab: TestLab, nowMs: () => number): Truth {
  const at = (node: NodeName): FakeNode => lab.nodes[node] as FakeNode;
  return {
    nowMs,
    nodes: NODES,
    isUp: (node) => at(node).isUp,
    unit: (node, role) => unitOf(role, at(node)[role]),
    process: (node, role) => (role === "datastore" ? at(node).process : at(node).api),
    resumes: (node) => at(node).resumes,
    isStopMarked: (node) => at(node).isStopMarked,
    leader: () => lab.leader,
    voters: () => NODES,
    reaches: (one, other) => !lab.cuts.has(`${one} ${other}`) && !lab.cuts.has(`${other} ${one}`),
    delayMs: () => 1,
    isPollAlive: (node) => at(node).isPollAlive,
    mutedPrefixes: (node) => at(node).muted,
    cacheRevisions: (node) => at(node).caches,
    revision: () => lab.revision,
    lock: () => lab.lock,
    busyCount: () => lab.busyCount,
    disk: () => ({ freeBytes: 1e12, syncMs: 2 }),
    isQuick: () => lab.isQuick,
    isJudged: () => true,
  };
}

function unitOf(role: UnitRole, activeState: string): UnitState {
  return {
    unit: UNITS[role],
    activeState,
    subState: "running",
    result: "success",
    invocationId: OLD_ID,
    activeEnterAtMs: 0,
    mainPid: 1,
    restarts: 0,
  };
}

/** A ladder in which everything is ok but what is given, as `{ k8s02: "feed" }`: broken there. */
export function ladderOf(
  broken: Readonly<Record<NodeName, RungId>>,
  state: RungState = "broken",
  reason = "test",
): Ladder {
  const nodes = NODES.map((node) => {
    const verdicts = RUNG_IDS.map((rung): Verdict => {
      const isIt = broken[node] === rung;
      return { rung, node, state: isIt ? state : "ok", reason: isIt ? reason : "fine", message: "m", evidence: [] };
    });
    const verdict = verdicts.find((one) => one.state === "broken");
    const cause =
      verdict === undefined ? null : { node, rung: verdict.rung, verdict, consequences: [], unknownBelow: [] };
    return { node, verdicts, cause };
  });
  const causes = nodes.flatMap(({ cause }) => (cause === null ? [] : [cause]));
  const worst: RungState = causes.length > 0 ? "broken" : "ok";
  return { atMs: 0, nodes, causes, state: worst, waitingFor: [] } as unknown as Ladder;
}

/** All that a restart of the node's datastore needs, read a second ago and well. */
export function goodReads(node: NodeName, nowMs: number): Map<string, ReadNote> {
  const read = (value: unknown): ReadNote => ({ beganAtMs: nowMs - 1005, endedAtMs: nowMs - 1000, known: true, value });
  const servers = NODES.map((name) => ({ id: name, address: `${name}:19001`, role: "voter" as const }));
  const reads = new Map<string, ReadNote>();
  for (const one of NODES) {
    reads.set(`${one} unit datastore`, read(unitOf("datastore", "active")));
    reads.set(`${one} unit kubelite`, read(unitOf("kubelite", "active")));
    const leader = { id: "k8s01", address: "k8s01:19001" };
    reads.set(`member ${one}:19001`, read({ address: `${one}:19001`, leader, servers }));
  }
  for (const what of ["marker", "store", "lock"]) reads.set(`${node} ${what}`, read(null));
  return reads;
}

/** A restart of the datastore is asked for, by the book: its intent is durable. */
export function askRestart(
  lab: TestLab,
  node: NodeName,
  {
    token = 7,
    reads,
    role = "datastore",
  }: { readonly token?: number; readonly reads?: Map<string, ReadNote>; readonly role?: UnitRole } = {},
): void {
  const request = { role, expectedInvocationId: OLD_ID, token, deadlineMs: 45_000 };
  lab.says({ kind: "restart-asked", node, request, reads: reads ?? goodReads(node, nowOf(lab)) });
}

/** The journal of a run up to its intent. */
export function runUpToIntent(lab: TestLab, node: NodeName, token = 7): void {
  lab.entry({ kind: "opened", runbook: "renew-watches@1", node, rung: "feed", resources: [], holder: "quorate/r1" });
  lab.entry({ kind: "lock-intent" });
  lab.lock = { holder: "quorate/r1", token };
  lab.entry({ kind: "lock-held", token });
  lab.pass(2);
  lab.entry({ kind: "act-intent", role: "datastore", unit: UNITS.datastore, expectedInvocationId: OLD_ID, token });
}

/** The time of the last entry or look: what a hand-made read is dated by. */
function nowOf(lab: TestLab): number {
  const entries = lab.runs.get("r1")?.entries ?? [];
  return entries.at(-1)?.atMs ?? 0;
}
