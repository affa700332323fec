import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";

/**
 * One direction of a TCP connection that stays open: what is sent while no packet passes arrives, in order, when they
 * pass again. On the same node it arrives at once.
 */
export interface WatchPipe {
  send(arrive: () => void): void;
}

/** The pipes of one server; they outlive its process, for what was under way. */
export function createPipes(network: Network, from: NodeName) {
  const held = new Set<() => void>();
  network.onChange(() => {
    for (const flush of held) flush();
  });

  return {
    open: (to: Process): WatchPipe => {
      if (to.node === from) return { send: (arrive) => to.deliver(arrive) };
      let queue: (() => void)[] = [];
      const hand = (arrive: () => void) => network.send(from, to.node, () => to.deliver(arrive));
      const flush = () => {
        if (to.state !== "ended" && !network.passes(from, to.node)) return;
        held.delete(flush);
        const due = queue;
        queue = [];
        for (const arrive of due) hand(arrive);
      };
      return {
        send: (arrive) => {
          if (queue.length === 0 && network.passes(from, to.node)) return hand(arrive);
          queue.push(arrive);
          held.add(flush);
        },
      };
    },
  };
}

export type Pipes = ReturnType<typeof createPipes>;
