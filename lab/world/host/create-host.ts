import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Sim, Timer } from "../../sim/sim.ts";
import type { Network } from "../network.ts";
import { createProcess, type Process } from "../process.ts";
import { createDisk } from "./disk.ts";
import type { Host } from "./host.ts";
import { createHostClock } from "./host-clock.ts";
import { createJournald } from "./journald.ts";
import { createSystemd } from "./systemd.ts";

/** Linux's default on 64-bit machines (kernel.pid_max); behind it process ids begin anew. */
const PID_MAX = 4_194_304;

/** Ids that are never given anew belong to the system's own processes. */
const PID_MIN = 300;

/** Other programs of the machine take ids between two of ours. */
const PID_STEP_MAX = 20;

export interface HostOptions {
  readonly sim: Sim;
  readonly network: Network;
  readonly name: NodeName;
  readonly address: string;
}

/** One machine, with power and booted; its units are added by who composes the world. */
export function createHost({ sim, network, name, address }: HostOptions): Host {
  const ids = sim.random(`host ${name}`);
  const clock = createHostClock(sim);
  const files = new Map<string, string>();
  const processes = new Set<Process>();
  let isUp = true;
  let bootedAtMs = sim.nowMs();
  let booting: Timer | null = null;
  let pid = ids.between(PID_MIN, PID_MIN + 2000);

  function nextPid(): number {
    pid += ids.between(1, PID_STEP_MAX);
    if (pid > PID_MAX) pid = PID_MIN;
    return pid;
  }
  function spawn(program: string): Process {
    const process = createProcess(sim, { node: name, program, pid: nextPid() });
    if (!isUp) process.end({ code: "killed", signal: "KILL" });
    else {
      processes.add(process);
      process.onEnd(() => processes.delete(process));
    }
    return process;
  }

  const journald = createJournald({
    sim,
    name,
    nextPid,
    nowMs: () => clock.nowMs(),
    isUp: () => isUp,
    bootedAtMs: () => bootedAtMs,
    invocationId,
  });
  const { journal } = journald;
  const manager = createSystemd({
    sim,
    name,
    spawn,
    nowMs: () => clock.nowMs(),
    isUp: () => isUp,
    newInvocationId: () => ids.hex(32),
    print: (from, line) => journal.print(from, line),
    say: (unit, messageId, line) => journal.printAsSystemd(unit, messageId, line),
  });
  function invocationId(unit: string): string | null {
    return manager.invocationId(unit);
  }
  journald.boot(ids.hex(32));

  function powerOff(): void {
    booting?.cancel();
    booting = null;
    if (!isUp) return;
    sim.log(name, "power off");
    isUp = false;
    network.detach(name);
    manager.forget();
    // Paused first: what one process's end tells another of this host must not run there.
    for (const process of processes) process.pause();
    for (const process of processes) process.end({ code: "killed", signal: "KILL" });
  }

  function powerOn(bootMs: number): void {
    if (isUp || booting !== null) return;
    sim.log(name, "power on");
    const poweredAtMs = sim.nowMs();
    booting = sim.after(bootMs, () => {
      booting = null;
      bootedAtMs = poweredAtMs;
      isUp = true;
      for (const path of files.keys()) if (path.startsWith("/run/")) files.delete(path);
      journald.boot(ids.hex(32));
      network.attach(name);
      manager.boot();
    });
  }

  return {
    sim,
    network,
    name,
    address,
    get isUp() {
      return isUp;
    },
    get bootedAtMs() {
      return bootedAtMs;
    },
    powerOff,
    powerOn,
    systemd: manager.systemd,
    journal,
    clock,
    disk: createDisk(),
    files,
    nextPid,
    spawn,
  };
}
