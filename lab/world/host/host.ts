import type { NodeName, UnitState } from "../../../src/core/model/observation.ts";
import type { Network } from "../network.ts";
import type { ExitStatus, Process } from "../process.ts";
import type { Sim } from "../../sim/sim.ts";

/** Who did something: `operator`, `ansible`, `snapd`, `quorate/ID`, `systemd` itself, or a fault. */
export type Actor = string;

/** What a unit runs. Made anew at each start; it hangs all it does on its process. */
export type Program = (process: Process) => {
  /** SIGTERM: ends the process by itself, soon (systemd kills it after its stop timeout). */
  readonly terminate: () => void;
};

export interface UnitSpec {
  readonly unit: string;
  /** SYSLOG_IDENTIFIER of its lines, for example `microk8s.daemon-k8s-dqlite`. */
  readonly identifier: string;
  readonly program: Program;
  /** The wrapper's sleep between systemd's "Started" and the program (k8s-dqlite: 6000; it prints `+ sleep 6`). */
  readonly wrapperSleepMs: number;
  /** What the wrapper becomes in the end, as `set -x` shows it behind `+ exec `; without it the wrapper traces no exec. */
  readonly command?: string;
  /** Asked by the wrapper before its sleep: a text is printed and the unit's process exits with 0, as on a stopped node. */
  readonly whyNotRun?: () => string | null;
  readonly restart: "always" | "on-failure" | "no";
  /** systemd's RestartSec. */
  readonly restartDelayMs: number;
  /** systemd's TimeoutStopSec: then SIGKILL. */
  readonly stopTimeoutMs: number;
}

/** systemd of one node. */
export interface Systemd {
  add(spec: UnitSpec): void;
  /** As `systemctl show` tells it; throws for a unit that does not exist. */
  state(unit: string): UnitState;
  /** The program's process once the wrapper has ended; null before that and while it is down. */
  process(unit: string): Process | null;
  /** `done` when systemctl returns: a start (Type=simple) at once, a stop when the old process has ended. */
  start(unit: string, by: Actor, done?: () => void): void;
  stop(unit: string, by: Actor, done?: () => void): void;
  restart(unit: string, by: Actor, done?: () => void): void;
  kill(unit: string, signal: "KILL" | "STOP" | "CONT" | "TERM"): void;
  /** Told at each start and end, whoever caused it. */
  onChange(listener: (change: UnitChange) => void): void;
}

export interface UnitChange {
  readonly node: NodeName;
  readonly unit: string;
  readonly what: "starting" | "started" | "stopping" | "stopped" | "failed";
  readonly by: Actor;
  readonly how: ExitStatus | null;
}

/** One entry of the journal, with journald's own names for what it carries. Field values are text. */
export interface JournalEntry {
  readonly cursor: string;
  /** __REALTIME_TIMESTAMP, by the host's own clock, in ms here. */
  readonly realtimeMs: number;
  readonly monotonicMs: number;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Journal {
  /** A line of a unit's process: `_SYSTEMD_UNIT`, `_PID`, `_TRANSPORT=stdout` are set by journald, not by the writer. */
  print(from: { readonly unit: string; readonly identifier: string; readonly pid: number }, line: string): void;
  /** A line of a container (a pod of the node): it may look like anything, its trusted fields say what it is. */
  printAsPod(pod: string, line: string): void;
  /** systemd's own message about a unit, with its MESSAGE_ID. */
  printAsSystemd(unit: string, messageId: string, line: string): void;
  /** Entries with `fromMs <= realtimeMs < untilMs` that all matches fit, oldest first. */
  read(range: {
    readonly fromMs: number;
    readonly untilMs?: number;
    readonly matches?: Readonly<Record<string, string>>;
  }): readonly JournalEntry[];
  /** Tells of each entry from now on, within the writing of it; the returned function ends that. */
  follow(listener: (entry: JournalEntry) => void): () => void;
  /** Drops what is older than `olderThanMs` ago, as rotation and vacuuming do. */
  rotate(olderThanMs: number): void;
}

/** The host's own clock: may be off and may drift. */
export interface HostClock {
  nowMs(): number;
  step(byMs: number): void;
  /** Parts per million; positive runs fast. */
  drift(ppm: number): void;
}

export interface Disk {
  /** Bytes free for the datastore. */
  freeBytes: number;
  /** Added to each write that must reach the disk, in ms; usual 1 to 2. */
  syncMs: number;
}

/** One machine: power, units, journal, clock, disk, a few files. */
export interface Host {
  readonly sim: Sim;
  readonly network: Network;
  readonly name: NodeName;
  readonly address: string;
  readonly isUp: boolean;
  readonly bootedAtMs: number;
  /** All processes end at once, unsaved state is gone; the network no longer reaches it. */
  powerOff(): void;
  /** Boots: the units that were enabled start after `bootMs`. */
  powerOn(bootMs: number): void;
  readonly systemd: Systemd;
  readonly journal: Journal;
  readonly clock: HostClock;
  readonly disk: Disk;
  /** Small files by absolute path (stopped.lock, the fence); `/run/` is emptied at boot. */
  readonly files: Map<string, string>;
  nextPid(): number;
  /** Starts a process outside of systemd's units (a shell, an agent): it ends with the host's power. */
  spawn(program: string): Process;
}
