import type { NodeName } from "../../src/core/model/observation.ts";
import type { Sim } from "../sim/sim.ts";
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
  call<Answer>(call: Call<Answer>): void;
  /** Told after every cut, heal and slow. */
  onChange(listener: () => void): void;
}

/** A rack's network takes 0.1 to 0.5 ms one way; time here is whole ms. */
const DELAY_MS = 1;

export function createNetwork(sim: Sim): Network {
  const cuts = new Set<string>();
  const extra = new Map<string, number>();
  const listeners: (() => void)[] = [];
  const way = (from: NodeName, to: NodeName) => `${from} ${to}`;
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const passes = (from: NodeName, to: NodeName) => from === to || !cuts.has(way(from, to));
  const delayMs = (from: NodeName, to: NodeName) => (from === to ? 0 : DELAY_MS + (extra.get(way(from, to)) ?? 0));
  const send = (from: NodeName, to: NodeName, arrive: () => void): void => {
    if (passes(from, to)) sim.after(delayMs(from, to), arrive);
  };

  function call<Answer>({ from, to, serve, answered, refused }: Call<Answer>): void {
    let isOver = false;
    const back = (run: () => void) =>
      send(to.node, from.node, () =>
        from.deliver(() => {
          if (isOver) return;
          isOver = true;
          run();
        }),
      );
    send(from.node, to.node, () => {
      const server = to.listener;
      if (server === null || server.state === "ended") return back(() => refused("connection-refused"));
      const forget = server.onEnd(() => back(() => refused("connection-reset")));
      const answer = (value: Answer) => {
        forget();
        back(() => answered(value));
      };
      server.deliver(() => serve(answer));
    });
  }

  return {
    passes,
    cut: (from, to) => {
      cuts.add(way(from, to));
      changed();
    },
    heal: (from, to) => {
      cuts.delete(way(from, to));
      changed();
    },
    slow: (from, to, extraMs) => {
      if (extraMs === 0) extra.delete(way(from, to));
      else extra.set(way(from, to), extraMs);
      changed();
    },
    delayMs,
    send,
    call,
    onChange: (listener) => listeners.push(listener),
  };
}
