import { Duplex } from "node:stream";
import type { Network } from "../../world/network.ts";
import type { Process } from "../../world/process.ts";
import type { RealTime } from "../time/real-time.ts";

/** What a connection goes through: from a process of the world to another one that accepted it. */
export interface WireEnds {
  readonly from: Process;
  readonly to: Process;
  /** Whether the server's machine can still say that its process has ended (a machine without power says nothing). */
  readonly canReset: () => boolean;
}

/** Lays real byte streams through the world's network. */
export interface Wiring {
  /**
   * The server's end of a stream whose client's end is `outer`, with the world in between: bytes take the network's time,
   * wait while a way is cut (TCP sends them again) and while the server is paused, and the stream breaks when the server
   * ends. Destroying one end destroys the other.
   */
  lay(outer: Duplex, ends: WireEnds): Duplex;
  /** Streams that are open now. */
  readonly count: number;
}

export function createWiring(time: RealTime, network: Network): Wiring {
  /** Ways with something that waits; the network keeps its listeners for ever, so it gets only one. */
  const stuck = new Set<Way>();
  network.onChange(() => {
    for (const way of Array.from(stuck)) way.flow();
  });
  let count = 0;
  const lay = (outer: Duplex, ends: WireEnds): Duplex => {
    count += 1;
    outer.once("close", () => {
      count -= 1;
    });
    const forth = createWay(time, network, stuck, ends.from.node, ends.to.node);
    const back = createWay(time, network, stuck, ends.to.node, ends.from.node);
    return createEnd(outer, ends, forth, back);
  };
  return {
    lay,
    get count() {
      return count;
    },
  };
}

function createEnd(outer: Duplex, { to, canReset }: WireEnds, forth: Way, back: Way): Duplex {
  const inner = new Duplex({
    read: () => {
      outer.resume();
    },
    write: (chunk: Buffer, _encoding, done) => back.pass(() => void outer.write(chunk, () => done())),
    final: (done) => back.pass(() => void outer.end(() => done())),
    destroy: (_error, done) => {
      forgetEnd();
      back.pass(() => close(outer));
      done(null);
    },
  });
  const forgetEnd = to.onEnd(() => {
    if (canReset()) back.pass(() => reset(outer));
    inner.destroy();
  });
  outer.on("data", (chunk: Buffer) => {
    // One piece at a time: what the server has not taken waits in the client's own buffers.
    outer.pause();
    forth.pass(() =>
      to.deliver(() => {
        if (!inner.destroyed && inner.push(chunk)) outer.resume();
      }),
    );
  });
  outer.on("end", () => forth.pass(() => to.deliver(() => void (inner.destroyed || inner.push(null)))));
  outer.on("close", () => forth.pass(() => to.deliver(() => inner.destroy())));
  // Both ends tell of it by closing.
  outer.on("error", () => {});
  inner.on("error", () => {});
  return inner;
}

/** What was written before still goes out. */
function close(outer: Duplex): void {
  if ("destroySoon" in outer && typeof outer.destroySoon === "function") outer.destroySoon();
  else outer.destroy();
}

function reset(outer: Duplex): void {
  if ("resetAndDestroy" in outer && typeof outer.resetAndDestroy === "function") outer.resetAndDestroy();
  else outer.destroy();
}

/** One direction: things arrive in the order in which they were sent, after the way's delay, and wait while it is cut. */
interface Way {
  pass(arrive: () => void): void;
  flow(): void;
}

function createWay(time: RealTime, network: Network, stuck: Set<Way>, from: string, to: string): Way {
  let waiting: (() => void)[] = [];
  let isFlowing = false;

  function flow(): void {
    if (waiting.length === 0) stuck.delete(way);
    else stuck.add(way);
    if (isFlowing || waiting.length === 0 || !network.passes(from, to)) return;
    isFlowing = true;
    time.sim.after(network.delayMs(from, to), () => {
      isFlowing = false;
      // Cut while it was under way: it is sent again after the heal.
      if (!network.passes(from, to)) return;
      const arrived = waiting;
      waiting = [];
      for (const arrive of arrived) arrive();
      flow();
    });
  }

  const way: Way = {
    pass: (arrive) =>
      time.enter(() => {
        waiting.push(arrive);
        flow();
      }),
    flow,
  };
  return way;
}
