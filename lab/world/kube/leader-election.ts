import type { Sim, Timer } from "../../sim/sim.ts";
import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import type { ApiServer } from "./apiserver.ts";
import { createLeaseClient, type LeaderRecord } from "./lease-client.ts";
import { microTimeText } from "./time.ts";

/** MicroK8s starts its controller manager and scheduler with these (default-args of branches 1.28 to 1.36). */
export const MICROK8S_ELECTION = { leaseDurationMs: 60_000, renewDeadlineMs: 30_000, retryPeriodMs: 2000 } as const;
/** The defaults of Kubernetes. */
export const DEFAULT_ELECTION = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 } as const;

export interface LeaderElectionOptions {
  readonly sim: Sim;
  readonly host: Host;
  readonly process: Process;
  readonly apiserver: ApiServer;
  /** The Lease in kube-system: `kube-controller-manager`, `kube-scheduler`. */
  readonly name: string;
  /** `HOSTNAME_UUID`. */
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  readonly onStartedLeading: () => void;
  /** The Lease could not be renewed in time. The program then exits: in kubelite, all of it. */
  readonly onStoppedLeading: () => void;
  /** A klog line of the process, as client-go 1.35 and 1.36 print it. */
  readonly print?: (severity: "I" | "E", source: string, text: string) => void;
}

export interface LeaderElection {
  readonly isLeader: boolean;
  /** The holder in the record that it saw last; null before it saw one. */
  readonly observedHolder: string | null;
  stop(): void;
}

/** client-go leaderelection.go, JitterFactor: a candidate tries again after 1 to 2.2 retry periods. */
const JITTER_TENTHS = 12;

/** What client-go 1.36 prints, and from which line of leaderelection.go; 442 and 490 were not seen, so they are a guess. */
const LINES = {
  "Successfully acquired lease": 271,
  "Failed to renew lease": 304,
  "Error initially creating lease lock": 442,
  "Failed to update lease optimistically, falling back to slow path": 454,
  "Error retrieving lease lock": 461,
  "Failed to update lease": 490,
} as const;

/** client-go's leader election on a Lease: reads and writes the store alone, so a frozen watch cache never disturbs it. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { sim, host, process, name, identity, retryPeriodMs, renewDeadlineMs, leaseDurationMs } = options;
  const lock = `kube-system/${name}`;
  const draws = sim.random(`leader election ${process.node}`);
  const lease = createLeaseClient({ ...options, requestDeadlineMs: Math.max(1000, renewDeadlineMs / 2) });
  let observed: LeaderRecord | null = null;
  /** By this machine's monotonic clock, whatever the record's own times say. */
  let observedAtMs = 0;
  let isLeader = false;
  let isStopped = false;

  const print = (severity: "I" | "E", line: keyof typeof LINES, error?: string) => {
    const err = error === undefined ? "" : ` err=${JSON.stringify(error)}`;
    options.print?.(severity, `leaderelection.go:${LINES[line]}`, `"${line}"${err} lock="${lock}"`);
  };
  const isOurs = () => observed?.holderIdentity === identity;
  const isLeaseValid = () => observed !== null && observedAtMs + observed.leaseDurationSeconds * 1000 > sim.nowMs();
  const observe = (record: LeaderRecord) => {
    observed = record;
    observedAtMs = sim.nowMs();
  };

  /** Of a try that began then. */
  function ourRecord(startedAtMs: number): LeaderRecord {
    const now = microTimeText(startedAtMs);
    const leaseDurationSeconds = Math.floor(leaseDurationMs / 1000);
    return { holderIdentity: identity, leaseDurationSeconds, acquireTime: now, renewTime: now, leaseTransitions: 0 };
  }

  /** One try, in the order of client-go's tryAcquireOrRenew. */
  function attempt(done: (isHeld: boolean) => void): void {
    const startedAtMs = host.clock.nowMs();
    if (observed === null || !isOurs() || !isLeaseValid()) return attemptSlowly(() => ourRecord(startedAtMs), done);
    const { acquireTime, leaseTransitions } = observed;
    const renewed = { ...ourRecord(startedAtMs), acquireTime, leaseTransitions };
    lease.update(renewed, (error) => {
      if (error === null) {
        observe(renewed);
        return done(true);
      }
      print("E", "Failed to update lease optimistically, falling back to slow path", error);
      attemptSlowly(() => renewed, done);
    });
  }

  function attemptSlowly(recordOf: () => LeaderRecord, done: (isHeld: boolean) => void): void {
    lease.get((found) => {
      if (found.kind === "error") {
        print("E", "Error retrieving lease lock", found.error);
        return done(false);
      }
      if (found.kind === "absent") return createLease(recordOf(), done);
      if (found.isChanged) observe(found.record);
      if (found.record.holderIdentity !== "" && isLeaseValid() && !isOurs()) return done(false);
      const { acquireTime, leaseTransitions } = found.record;
      const next = isOurs()
        ? { ...recordOf(), acquireTime, leaseTransitions }
        : { ...recordOf(), leaseTransitions: leaseTransitions + 1 };
      lease.update(next, (error) => {
        if (error !== null) print("E", "Failed to update lease", error);
        else observe(next);
        done(error === null);
      });
    });
  }

  function createLease(record: LeaderRecord, done: (isHeld: boolean) => void): void {
    lease.create(record, (error) => {
      if (error !== null) print("E", "Error initially creating lease lock", error);
      else observe(record);
      done(error === null);
    });
  }

  function acquire(): void {
    attempt((isHeld) => {
      if (isStopped) return;
      if (!isHeld) {
        const extra = draws.between(0, (retryPeriodMs * JITTER_TENTHS) / 10);
        process.after(retryPeriodMs + extra, acquire);
        return;
      }
      isLeader = true;
      print("I", "Successfully acquired lease");
      sim.log(process.node, `${name} leads`);
      options.onStartedLeading();
      process.after(retryPeriodMs, renew);
    });
  }

  /** Tries each retry period until it holds or the renew deadline has passed; then again after a retry period. */
  function renew(): void {
    const startedAtMs = sim.nowMs();
    let isOver = isStopped;
    let deadline: Timer | null = null;
    const tryOnce = () => {
      if (isOver || isStopped) return;
      attempt((isHeld) => {
        if (isOver || isStopped) return;
        if (isHeld) {
          isOver = true;
          deadline?.cancel();
          process.after(retryPeriodMs, renew);
          return;
        }
        // The deadline costs a timer only once something went wrong.
        deadline ??= process.after(Math.max(0, startedAtMs + renewDeadlineMs - sim.nowMs()), () => {
          isOver = true;
          lost();
        });
        process.after(retryPeriodMs, tryOnce);
      });
    };
    tryOnce();
  }

  function lost(): void {
    if (isStopped) return;
    isLeader = false;
    print("E", "Failed to renew lease", "context deadline exceeded");
    sim.log(process.node, `${name} lost its lease`);
    options.onStoppedLeading();
  }

  process.deliver(acquire);
  return {
    get isLeader() {
      return isLeader;
    },
    get observedHolder() {
      return observed?.holderIdentity ?? null;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
