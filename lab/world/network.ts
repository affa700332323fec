import type { NodeName } from "../../src/core/model/observation.ts";
import type { Sim } from "../sim/sim.ts";
import { createCalls } from "./calls.ts";
import type { Process } from "./process.ts";

/** Where a server listens: a TCP port or a unix socket of one node. */
export interface Port {
  readonly node: NodeName;
  /** The process that listens now; null when nothing does. */
  listener: Process | null;
}

/** One request and its one answer. Each part runs in its own process: later when that is paused, never when it ended. */
export interface Call<Answer> {
  readonly from: Process;
  readonly to: Port;
  /** Runs in the listening process. It may answer at once, later, or never: the caller has its own deadline. */
  readonly serve: (answer: (value: Answer) => void) => void;
  /** Runs in the caller. */
  readonly answered: (value: Answer) => void;
  /** Runs in the caller: nothing listens, or the server ended before it answered. Not told when packets are lost. */
  readonly refused: (why: "connection-refused" | "connection-reset") => void;
}

/** Who reaches whom, and how fast. Ways are one-way: a cut may be in one direction only. */
export interface Network {
  passes(from: NodeName, to: NodeName): boolean;
  /** Packets of this way are lost from now on (what is under way still arrives). */
  cut(from: NodeName, to: NodeName): void;
  heal(from: NodeName, to: NodeName): void;
  /** Adds to the way's usual delay; 0 takes it back. */
  slow(from: NodeName, to: NodeName, extraMs: number): void;
  /** One way's delay now, in ms: 0 on the same node. */
  delayMs(from: NodeName, to: NodeName): number;
  /** Hands a message over after the way's delay; lost when the way is cut. */
  send(from: NodeName, to: NodeName, arrive: () => void): void;
  /** The returned function gives the call up: its caller is not told of it any more. */
  call<Answer>(call: Call<Answer>): () => void;
  /** A node without power: what is under way to it is lost too, and what it sent still arrives. */
  detach(node: NodeName): void;
  attach(node: NodeName): void;
  /** Told after every cut, heal, slow, detach and attach. */
  onChange(listener: () => void): void;
}

/** A rack's network takes 0.1 to 0.5 ms one way; time here is whole ms. */
const DELAY_MS = 1;

/** What is not as usual on one way. */
interface Way {
  isCut: boolean;
  extraMs: number;
  /** A way that became faster hands nothing over before what it was given earlier: TCP keeps the order. */
  notBeforeMs: number;
}

export function createNetwork(sim: Sim): Network {
  /** Ways that were ever changed, by sender and receiver. */
  const ways = new Map<NodeName, Map<NodeName, Way>>();
  const off = new Set<NodeName>();
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };

  function change(from: NodeName, to: NodeName): Way {
    let row = ways.get(from);
    if (row === undefined) ways.set(from, (row = new Map<NodeName, Way>()));
    let way = row.get(to);
    if (way === undefined) row.set(to, (way = { isCut: false, extraMs: 0, notBeforeMs: 0 }));
    return way;
  }
  const passes = (from: NodeName, to: NodeName) =>
    !off.has(from) && !off.has(to) && (from === to || ways.get(from)?.get(to)?.isCut !== true);
  const delayMs = (from: NodeName, to: NodeName) =>
    from === to ? 0 : DELAY_MS + (ways.get(from)?.get(to)?.extraMs ?? 0);

  /** Schedules an arrival, unless the way is cut; `arrive` looks itself whether the receiver has power then. */
  function carry(from: NodeName, to: NodeName, arrive: () => void): void {
    if (off.size > 0 && off.has(from)) return;
    if (from === to) {
      sim.after(0, arrive);
      return;
    }
    const way = ways.size === 0 ? undefined : ways.get(from)?.get(to);
    if (way === undefined) sim.after(DELAY_MS, arrive);
    else if (!way.isCut) sim.after(Math.max(DELAY_MS + way.extraMs, way.notBeforeMs - sim.nowMs()), arrive);
  }
  const isOff = (node: NodeName) => off.size > 0 && off.has(node);

  function send(from: NodeName, to: NodeName, arrive: () => void): void {
    carry(from, to, () => (isOff(to) ? undefined : arrive()));
  }

  const call = createCalls({ carry, isOff });

  return {
    passes,
    cut: (from, to) => {
      change(from, to).isCut = true;
      changed();
    },
    heal: (from, to) => {
      change(from, to).isCut = false;
      changed();
    },
    slow: (from, to, extraMs) => {
      const way = change(from, to);
      way.notBeforeMs = Math.max(way.notBeforeMs, sim.nowMs() + DELAY_MS + way.extraMs);
      way.extraMs = extraMs;
      changed();
    },
    delayMs,
    send,
    call,
    detach: (node) => {
      off.add(node);
      changed();
    },
    attach: (node) => {
      off.delete(node);
      changed();
    },
    onChange: (listener) => listeners.push(listener),
  };
}
