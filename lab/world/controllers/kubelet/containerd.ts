import type { Prng } from "../../../sim/prng.ts";
import type { Sim } from "../../../sim/sim.ts";
import type { Host } from "../../host/host.ts";
import { keyOf, type KubeObject } from "../../kube/object.ts";
import type { Process } from "../../process.ts";

/** How long the container of a pod works before it exits; absent: it stays. Ms, as text. */
export const DURATION_ANNOTATION = "lab.quorate.dev/duration-ms";
/** With which status it exits; 0 when absent. */
export const EXIT_ANNOTATION = "lab.quorate.dev/exit-status";
/** Which program of the lab runs in it; see `Containerd.programs`. */
export const PROGRAM_ANNOTATION = "lab.quorate.dev/program";

/** The one container of a pod; the lab's pods have one. */
export interface Container {
  readonly uid: string;
  /** The pod's `namespace/name`. */
  readonly key: string;
  readonly podIp: string;
  readonly process: Process;
  readonly startedAtMs: number;
  /** Null while it runs. */
  readonly exit: { readonly status: number; readonly atMs: number } | null;
  readonly restarts: number;
}

/** The container runtime of one node. It is a service of its own: containers outlive a restart of kubelite. */
export interface Containerd {
  /** By pod uid. Empty after a power loss. */
  readonly containers: ReadonlyMap<string, Container>;
  /** Since when it answers nothing; null while it works. */
  readonly hungSinceMs: number | null;
  /** A fault: it answers nothing any more until it is set back; what was asked meanwhile happens then. */
  setHung(isHung: boolean): void;
  /** A fault: starting and stopping takes so many times longer. 1 takes it back. */
  setSlow(factor: number): void;
  /** Creates the sandbox, pulls, starts; `done` when it runs. A pod that has an exited container gets a new one. */
  start(pod: KubeObject, done: (container: Container) => void): void;
  /** Ends and removes the pod's container; `done` when it is gone. */
  stop(uid: string, done: () => void): void;
  /** Told when a container exits by itself, with the pod's key, and when it hangs or goes on, with null. */
  onChange(listener: (key: string | null) => void): () => void;
  /** What runs in pods with the annotation of that name; it ends with the process that it is given. */
  readonly programs: Map<string, (process: Process) => void>;
}

/** Sandbox, pulled image and start together take 1 to 3 s. */
const START_MS = { min: 1000, max: 3000 } as const;
/** A container that heeds SIGTERM, and its sandbox. */
const STOP_MS = { min: 200, max: 1200 } as const;

const byHost = new WeakMap<Host, Containerd>();

/** The runtime of a host; the same one each time. */
export function containerdOf(sim: Sim, host: Host): Containerd {
  let found = byHost.get(host);
  if (found === undefined) byHost.set(host, (found = createContainerd(sim, host)));
  return found;
}

function createContainerd(sim: Sim, host: Host): Containerd {
  const draws = sim.random(`containerd ${host.name}`);
  const nextIp = createAddresses(draws);
  const containers = new Map<string, Container>();
  const listeners = new Set<(key: string | null) => void>();
  const programs = new Map<string, (process: Process) => void>();
  let waiting: (() => void)[] = [];
  let hungSinceMs: number | null = null;
  let slow = 1;
  const tell = (key: string | null) => {
    for (const listener of listeners) listener(key);
  };

  /** Runs after its time; while the runtime hangs, not before it goes on. What a power loss cut off never happens. */
  function work({ min, max }: { readonly min: number; readonly max: number }, run: () => void): void {
    const { bootedAtMs } = host;
    const finish = () => {
      if (!host.isUp || host.bootedAtMs !== bootedAtMs) return;
      if (hungSinceMs === null) run();
      else waiting.push(finish);
    };
    sim.after(draws.between(min, max) * slow, finish);
  }

  function start(pod: KubeObject, done: (container: Container) => void): void {
    const { uid = "", annotations } = pod.metadata;
    work(START_MS, () => {
      const before = containers.get(uid);
      if (before?.exit === null) return done(before);
      const process = host.spawn(`containerd-shim ${pod.metadata.name}`);
      const restarts = before === undefined ? 0 : before.restarts + 1;
      const podIp = before?.podIp ?? nextIp(containers);
      const startedAtMs = sim.nowMs();
      const container = { uid, key: keyOf(pod), podIp, process, startedAtMs, exit: null, restarts };
      containers.set(uid, container);
      process.onEnd((how) => ended(container, how.code === "exited" ? how.status : host.isUp ? KILLED : LOST));
      const durationMs = Number(annotations?.[DURATION_ANNOTATION] ?? Number.NaN);
      const status = Number(annotations?.[EXIT_ANNOTATION] ?? 0);
      if (durationMs >= 0) process.after(durationMs, () => process.end({ code: "exited", status }));
      programs.get(annotations?.[PROGRAM_ANNOTATION] ?? "")?.(process);
      done(container);
    });
  }

  function ended(container: Container, status: number): void {
    if (containers.get(container.uid) !== container) return;
    // Killed from outside: the power is gone, and the sandbox with it.
    if (status === LOST) return void containers.delete(container.uid);
    containers.set(container.uid, { ...container, exit: { status, atMs: sim.nowMs() } });
    if (hungSinceMs === null) tell(container.key);
  }

  function stop(uid: string, done: () => void): void {
    work(STOP_MS, () => {
      const container = containers.get(uid);
      containers.delete(uid);
      container?.process.end({ code: "killed", signal: "TERM" });
      done();
    });
  }

  return {
    containers,
    get hungSinceMs() {
      return hungSinceMs;
    },
    setHung: (isHung) => {
      if (isHung === (hungSinceMs !== null)) return;
      hungSinceMs = isHung ? sim.nowMs() : null;
      sim.log(host.name, isHung ? "containerd hangs" : "containerd goes on");
      const due = waiting;
      waiting = [];
      for (const run of due) run();
      tell(null);
    },
    setSlow: (factor) => {
      slow = factor;
    },
    start,
    stop,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    programs,
  };
}

/** Not a status that a program can exit with. */
const LOST = -1;
/** How a shell, and containerd, tell of SIGKILL. */
const KILLED = 137;

/** Addresses of the node's block of the pod network 10.1.0.0/16, one after the other, the free ones. */
function createAddresses(draws: Prng): (used: ReadonlyMap<string, Container>) => string {
  const block = draws.between(16, 250);
  let last = 0;
  return (containers) => {
    const used = new Set([...containers.values()].map(({ podIp }) => podIp));
    for (let tried = 0; tried < 254; tried += 1) {
      last = (last % 254) + 1;
      const address = `10.1.${block}.${last}`;
      if (!used.has(address)) return address;
    }
    throw new Error("no address is left in the node's block of the pod network");
  };
}
