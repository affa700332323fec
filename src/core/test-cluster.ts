import { advance, emptySnapshot, fold } from "./history/fold.ts";
import { climb, type Cause, type Ladder } from "./ladder/climb.ts";
import type { DqliteMember, NodeName, Observation } from "./model/observation.ts";
import { known, type Reading, unknown } from "./model/observed.ts";
import type { Snapshot } from "./model/snapshot.ts";
import type { RungId, Verdict } from "./model/verdict.ts";
import { HEALTHY, memberOf, nodeName, type NodeShows, START_MS, START_REVISION } from "./test-node.ts";

const STEP_MS = 100;

interface NodeState {
  readonly name: NodeName;
  readonly index: number;
  shows: NodeShows;
  streamOpen: boolean;
  /** What our stream shows for ever, when it is mute by itself; null while it is not. */
  mutedAt: number | null;
  /** What the feed has delivered up to now. */
  delivered: number;
  /** The last revision that reached each resource's watch cache. */
  readonly cached: Map<string, number>;
  /** When each resource's caches are read next. */
  readonly nextCacheAtMs: Map<string, number>;
}

/**
 * Test support: a cluster of dqlite nodes as the taps see it, second by second. It is no model of the real parts; it
 * says what each tap shows, and a test changes what one node shows from an instant on. Nothing of the product imports it.
 */

export class TestCluster {
  readonly observations: Observation[] = [];
  snapshot: Snapshot;
  nowMs = START_MS;
  /** False: nobody writes, so the revision stands still. */
  writes = true;
  private revision = START_REVISION;
  /** Revisions with the instant of their write, the newest last. */
  private readonly written: { readonly revision: number; readonly atMs: number }[] = [];
  private readonly nodes: NodeState[];

  constructor(shows: Partial<NodeShows> = {}, size = 3) {
    this.nodes = Array.from({ length: size }, (_, index) => ({
      name: nodeName(index),
      index,
      shows: { ...HEALTHY, ...shows },
      streamOpen: false,
      mutedAt: null,
      delivered: START_REVISION,
      cached: new Map(),
      nextCacheAtMs: new Map(),
    }));
    this.snapshot = emptySnapshot(
      this.nodes.map(({ name }) => name),
      START_MS,
    );
  }

  /** From now on the node shows this. */
  change(node: NodeName, change: Partial<NodeShows>): this {
    const state = this.state(node);
    state.shows = { ...state.shows, ...change };
    return this;
  }

  changeAll(change: Partial<NodeShows>): this {
    for (const { name } of this.nodes) this.change(name, change);
    return this;
  }

  /** The datastore of the node ended its Watch; a new one is opened at the next second. */
  endStream(node: NodeName): this {
    this.state(node).streamOpen = false;
    this.see(node, { kind: "feed-stream", reading: unknown("server-error", "the stream ended") });
    return this;
  }

  /** Our own stream becomes mute, as that of a reader that slept for minutes; a new one is not. */
  muteStream(node: NodeName): this {
    const state = this.state(node);
    state.mutedAt = state.delivered;
    return this;
  }

  /** Lets the taps look for this long. */
  run(seconds: number): this {
    const endMs = this.nowMs + seconds * 1000;
    while (this.nowMs < endMs) {
      this.step();
      this.nowMs += STEP_MS;
    }
    this.snapshot = advance(this.snapshot, this.nowMs);
    return this;
  }

  /** Only time moves on: no tap sees anything. */
  pass(seconds: number): this {
    this.nowMs += seconds * 1000;
    this.snapshot = advance(this.snapshot, this.nowMs);
    return this;
  }

  /** Folds in one observation, as if a tap had made it now. */
  see(node: NodeName, seen: Unstamped): this {
    const observation = { node, atMs: this.nowMs, ...seen } as Observation;
    this.observations.push(observation);
    this.snapshot = fold(this.snapshot, observation);
    return this;
  }

  get ladder(): Ladder {
    return climb(this.snapshot);
  }

  verdict(rung: RungId, node: NodeName): Verdict {
    const found = this.ladder.nodes.find((one) => one.node === node)?.verdicts.find((one) => one.rung === rung);
    if (found === undefined) throw new Error(`no verdict for ${rung} of ${node}`);
    return found;
  }

  /** `state reason`, the short form that most tests compare. */
  says(rung: RungId, node: NodeName): string {
    const { state, reason } = this.verdict(rung, node);
    return `${state} ${reason}`;
  }

  cause(node: NodeName): Cause | null {
    return this.ladder.nodes.find((one) => one.node === node)?.cause ?? null;
  }

  /** Runs step by step and collects what a rung says, each word once, in order. */
  history(seconds: number, rung: RungId, node: NodeName): readonly string[] {
    const said: string[] = [];
    for (let step = 0; step < seconds * 10; step += 1) {
      this.run(STEP_MS / 1000);
      const now = this.says(rung, node);
      if (said.at(-1) !== now) said.push(now);
    }
    return said;
  }

  private state(node: NodeName): NodeState {
    const found = this.nodes.find(({ name }) => name === node);
    if (found === undefined) throw new Error(`no node ${node}`);
    return found;
  }

  private step(): void {
    const phaseMs = (this.nowMs - START_MS) % 1000;
    const isServed = this.nodes.some(({ shows }) => shows.store === "served");
    if (phaseMs === 500 && this.writes && isServed) {
      this.revision += 1;
      this.written.push({ revision: this.revision, atMs: this.nowMs });
    }
    for (const node of this.nodes) {
      this.deliver(node);
      if (phaseMs === 0) this.everySecond(node);
      if (phaseMs === 100) this.askProgress(node);
      for (const resource of Object.keys(node.shows.caches)) this.readCache(node, resource);
    }
  }

  private everySecond(node: NodeState): void {
    const { name, shows } = node;
    this.see(name, { kind: "unit", role: "datastore", reading: shows.datastore });
    this.see(name, { kind: "unit", role: "kubelite", reading: shows.kubelite });
    this.see(name, { kind: "stopped-on-purpose", reading: shows.stopped });
    this.see(name, { kind: "dqlite", own: true, member: memberOf(node.index), reading: this.memberSays(node) });
    this.see(name, { kind: "store-read", reading: this.storeSays(shows) });
    this.see(name, { kind: "lock-errors", reading: known({ count: shows.lockErrors, windowMs: 300_000 }) });
    if (!node.streamOpen && shows.feed !== "silent" && shows.store === "served") {
      node.streamOpen = true;
      node.mutedAt = null;
      this.see(name, { kind: "feed-stream", reading: known({ revision: node.delivered }) });
    }
  }

  private storeSays(shows: NodeShows): Extract<Observation, { kind: "store-read" }>["reading"] {
    if (shows.store !== "served") return unknown(shows.store, "no answer within 1500 ms");
    return known({ revision: this.revision, latencyMs: shows.storeLatencyMs });
  }

  /** The poll reads the store, so it delivers nothing while the store is down. */
  private deliver(node: NodeState): void {
    const { shows } = node;
    if (shows.feed === "dead" || shows.store !== "served") return;
    const due = this.written.findLast(({ atMs }) => atMs + shows.deliveryMs <= this.nowMs)?.revision ?? START_REVISION;
    if (due <= node.delivered) return;
    node.delivered = due;
    if (node.streamOpen && node.mutedAt === null && shows.feed === "alive")
      this.see(node.name, { kind: "feed-event", revision: due });
  }

  private askProgress(node: NodeState): void {
    if (!node.streamOpen || node.shows.feed === "silent" || !node.shows.answersProgress) return;
    this.see(node.name, { kind: "feed-progress", revision: node.mutedAt ?? node.delivered });
  }

  private memberSays({ shows }: NodeState): Reading<DqliteMember> {
    if (typeof shows.member === "string" && shows.member !== "none") return unknown(shows.member, "no answer");
    const servers = this.nodes.map(({ index, shows: { role } }) => ({ ...memberOf(index), role }));
    const leader = shows.member === "none" || shows.role !== "voter" ? null : memberOf(shows.member);
    return known({ address: "", leader, servers });
  }

  /** A read is told when it ends: a consistent LIST that waits for a mute cache takes 3 s. */
  private readCache(node: NodeState, resource: string): void {
    const mode = node.shows.caches[resource];
    if (mode === undefined || this.nowMs < (node.nextCacheAtMs.get(resource) ?? START_MS)) return;
    if (mode === "follows" || mode === "storage-follows") node.cached.set(resource, node.delivered);
    const cached = node.cached.get(resource) ?? START_REVISION;
    const waits = mode === "frozen" || mode === "gives-up";
    const isStarting = waits && !node.nextCacheAtMs.has(`${resource} waits`);
    if (isStarting) {
      node.nextCacheAtMs.set(`${resource} waits`, this.nowMs);
      node.nextCacheAtMs.set(resource, this.nowMs + 3000);
      return;
    }
    node.nextCacheAtMs.delete(`${resource} waits`);
    // Answered from the cache after a progress request, the truth is no newer than what the feed has delivered.
    const truth = mode === "follows" || mode === "idle" ? node.delivered : this.revision;
    const shown = mode === "idle" ? truth : cached;
    node.nextCacheAtMs.set(resource, this.nowMs + (waits ? 1000 : 3000));
    const latest = { revision: mode === "gives-up" ? null : truth, latencyMs: waits ? 3020 : 20 };
    const reading = known({ resource, latest, cache: { revision: shown, latencyMs: 17 } });
    this.see(node.name, { kind: "cache", resource, reading });
  }
}

/** An observation before its node and time are added. */
type Unstamped = Observation extends infer One ? (One extends Observation ? Omit<One, "node" | "atMs"> : never) : never;
