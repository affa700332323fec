import { type Reading, unknown } from "../../src/core/model/observed.ts";
import type { Sim } from "../sim/sim.ts";
import type { Network } from "../world/network.ts";
import type { LabNode } from "../world/world.ts";
import type { Life } from "./life.ts";

/** TCP, key exchange and login of a healthy node; src/adapters/node/ssh: well under a second. */
const LOGIN_MS = 150;

/** OpenSSH's ConnectTimeout as the ssh adapter sets it. */
const CONNECT_TIMEOUT_MS = 5000;

/** After a failed login the same failure is given for this long without another try, as the ssh adapter does. */
const RETRY_PAUSE_MS = 5000;

/** ServerAliveInterval 5 s, three times without an answer: the adapter's master then ends. */
const LOST_AFTER_MS = 20_000;

type Failure = Extract<Reading<never>, { known: false }>;

/** How a Quorate reaches one node: by ssh from elsewhere, or directly when it runs there. */
export interface Reach {
  readonly isLocal: boolean;
  /**
   * One read within its deadline: logs in when needed, then `begin`. Without an answer it is `deadline` on a connection
   * that stands, and `unreachable` without one, as the real access says it.
   */
  read<T>(
    what: string,
    deadlineMs: number,
    begin: (answer: (reading: Reading<T>) => void) => void,
  ): Promise<Reading<T>>;
  /** Logs in when needed; then null, or why there is no way. */
  open(ready: (failure: Failure | null) => void): void;
  /**
   * Runs on the node, in its present boot, after the way there; `back` runs in Quorate after the way back. What goes
   * on there may outlive the connection; `isUp` tells it whether the machine still is in that boot.
   */
  onNode(run: (back: (arrive: () => void) => void, isUp: () => boolean) => void): void;
  /** Told once when the connection is lost. The returned function forgets the listener. */
  onLost(listener: (failure: Failure) => void): () => void;
}

interface Parts {
  readonly sim: Sim;
  readonly network: Network;
  readonly life: Life;
  readonly node: LabNode;
}

export function createReach({ sim, network, life, node }: Parts): Reach {
  const from = life.process.node;
  const { host, name } = node;
  const isLocal = from === name;
  const listeners = new Set<(failure: Failure) => void>();
  let waiting: ((failure: Failure | null) => void)[] = [];
  let state: "closed" | "opening" | "open" = isLocal ? "open" : "closed";
  let failed: { readonly failure: Failure; readonly atMs: number } | null = null;
  let boot = host.bootedAtMs;
  let heardAtMs = sim.nowMs();
  let isDoubted = false;

  function open(ready: (failure: Failure | null) => void): void {
    if (state === "open" && !isLocal && host.isUp && host.bootedAtMs !== boot) lose();
    if (state === "open") return ready(null);
    if (failed !== null && sim.nowMs() - failed.atMs < RETRY_PAUSE_MS) return ready(failed.failure);
    waiting.push(ready);
    if (state === "closed") login();
  }

  function login(): void {
    state = "opening";
    const timeout = life.process.after(CONNECT_TIMEOUT_MS, () => {
      if (state !== "opening") return;
      state = "closed";
      failed = {
        failure: failureOf(`${name}: no route to it, or it is down (ssh connection timed out)`),
        atMs: sim.nowMs(),
      };
      tell(failed.failure);
    });
    toNode((back) => {
      const bootedAtMs = host.bootedAtMs;
      sim.after(LOGIN_MS, () =>
        back(() => {
          if (state !== "opening") return;
          timeout.cancel();
          state = "open";
          failed = null;
          boot = bootedAtMs;
          heardAtMs = sim.nowMs();
          tell(null);
        }),
      );
    });
  }

  function tell(failure: Failure | null): void {
    const told = waiting;
    waiting = [];
    for (const ready of told) ready(failure);
  }

  function lose(): void {
    state = "closed";
    const failure = failureOf(`${name}: the ssh connection was lost`);
    const told = [...listeners];
    listeners.clear();
    for (const listener of told) listener(failure);
  }

  /** A read met its deadline: when nothing at all is heard for long enough, the connection is lost. */
  function doubt(): void {
    if (isLocal || isDoubted || state !== "open") return;
    isDoubted = true;
    life.process.after(heardAtMs + LOST_AFTER_MS - sim.nowMs(), () => {
      isDoubted = false;
      if (state === "open" && sim.nowMs() - heardAtMs >= LOST_AFTER_MS) lose();
    });
  }

  function toNode(run: (back: (arrive: () => void) => void, isUp: () => boolean) => void): void {
    network.send(from, name, () => {
      if (!host.isUp) return;
      const bootedAtMs = host.bootedAtMs;
      const isUp = () => host.isUp && host.bootedAtMs === bootedAtMs;
      const back = (arrive: () => void): void => {
        if (!isUp()) return;
        network.send(name, from, () =>
          life.deliver(() => {
            heardAtMs = sim.nowMs();
            arrive();
          }),
        );
      };
      run(back, isUp);
    });
  }

  return {
    isLocal,
    open,
    onNode: toNode,
    onLost: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: <T>(what: string, deadlineMs: number, begin: (answer: (reading: Reading<T>) => void) => void) => {
      const forget: { now: () => void } = { now: () => undefined };
      let isOver = false;
      const late = (): Reading<T> => {
        isOver = true;
        forget.now();
        if (state !== "open") return failureOf(`${name}: no ssh connection within ${deadlineMs} ms`);
        doubt();
        return unknown("deadline", `${what}: no answer within ${deadlineMs} ms`);
      };
      return life.ask<Reading<T>>(deadlineMs, late, (answer) =>
        open((failure) => {
          if (failure !== null) return answer(failure);
          if (!isLocal) {
            const listener = (lost: Failure): void => answer(lost);
            listeners.add(listener);
            forget.now = () => listeners.delete(listener);
          }
          begin((reading) => {
            forget.now();
            if (!isOver) heardAtMs = sim.nowMs();
            answer(reading);
          });
        }),
      );
    },
  };
}

function failureOf(detail: string): Failure {
  return { known: false, reason: "unreachable", detail };
}
