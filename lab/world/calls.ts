import type { NodeName } from "../../src/core/model/observation.ts";
import type { Call } from "./network.ts";
import type { Process } from "./process.ts";

/** A call under way. */
interface OpenCall {
  readonly call: Call<unknown>;
  /** Among which it waits for its server. */
  calls: Set<OpenCall> | null;
  /** Its caller has been told, or has given it up. */
  isOver: boolean;
}

interface Ways {
  /** Schedules an arrival, unless the way is cut. */
  readonly carry: (from: NodeName, to: NodeName, arrive: () => void) => void;
  /** The node has no power: what arrives there is lost. */
  readonly isOff: (node: NodeName) => boolean;
}

/** Requests and answers over a network. Written for few allocations: a simulated day makes hundreds of thousands of calls. */
export function createCalls({ carry, isOff }: Ways): <Answer>(call: Call<Answer>) => () => void {
  /** Calls that a server has not answered, in the order of their coming: they are told of its end. */
  const served = new Map<Process, Set<OpenCall>>();

  function servedBy(server: Process): Set<OpenCall> {
    let calls = served.get(server);
    if (calls === undefined) {
      served.set(server, (calls = new Set<OpenCall>()));
      server.onEnd(() => {
        const lost = served.get(server) ?? [];
        served.delete(server);
        for (const open of lost) back(open, () => refuse(open, "connection-reset"));
      });
    }
    return calls;
  }

  function back({ call }: OpenCall, arrive: () => void): void {
    carry(call.to.node, call.from.node, arrive);
  }

  function reach(open: OpenCall): void {
    const { call } = open;
    if (isOff(call.to.node)) return;
    const server = call.to.listener;
    if (server === null || server.state === "ended") return back(open, () => refuse(open, "connection-refused"));
    const calls = servedBy(server);
    if (!open.isOver) calls.add(open);
    open.calls = calls;
    const answer = (value: unknown): void => {
      // In the server's own time: one that was paused or killed meanwhile says nothing now.
      if (server.state === "running") reply(open, value);
      else server.deliver(() => reply(open, value));
    };
    if (server.state === "running") call.serve(answer);
    else server.deliver(() => call.serve(answer));
  }

  function reply(open: OpenCall, value: unknown): void {
    open.calls?.delete(open);
    back(open, () => arrive(open, value));
  }

  function arrive(open: OpenCall, value: unknown): void {
    const { from } = open.call;
    if (from.state === "running") finish(open, value);
    else from.deliver(() => finish(open, value));
  }

  function finish(open: OpenCall, value: unknown): void {
    if (open.isOver) return;
    open.isOver = true;
    open.call.answered(value);
  }

  function refuse(open: OpenCall, why: "connection-refused" | "connection-reset"): void {
    open.call.from.deliver(() => {
      if (open.isOver) return;
      open.isOver = true;
      open.call.refused(why);
    });
  }

  return <Answer>(asked: Call<Answer>): (() => void) => {
    const open: OpenCall = { call: asked as Call<unknown>, calls: null, isOver: false };
    carry(asked.from.node, asked.to.node, () => reach(open));
    return () => {
      open.isOver = true;
      open.calls?.delete(open);
    };
  };
}
