import type { Datastore } from "./datastore/datastore.ts";
import type { DqliteMember } from "./dqlite/dqlite.ts";
import { DATASTORE_IDENTIFIER, printLine } from "./dqlite/lines.ts";
import type { Host, Program, UnitSpec } from "./host/host.ts";
import { UNITS } from "./world.ts";

/** Exists while a person has stopped MicroK8s on purpose (`microk8s stop`). */
export const STOP_MARKER_PATH = "/var/snap/microk8s/current/var/lock/stopped.lock";

/** A snap's programs and data: its own process arguments show the revision, not `current`. */
const SNAP = "/snap/microk8s/6787";
const BACKEND = "/var/snap/microk8s/6787/var/kubernetes/backend";

/** As snapd writes a service without settings of its own (snapcore/snapd wrappers/services.go), and systemd's RestartSec. */
const SNAP_SERVICE = { restart: "on-failure", restartDelayMs: 100, stopTimeoutMs: 30_000 } as const;

/** canonical/microk8s wrappers/run-k8s-dqlite-with-args. */
const WRAPPER_SLEEP_MS = 6000;

interface DatastoreParts {
  readonly host: Host;
  readonly member: DqliteMember;
  readonly datastore: Datastore;
}

/** `snap.microk8s.daemon-k8s-dqlite`: the dqlite member and the datastore on it, in one process. */
export function datastoreUnit(parts: DatastoreParts): UnitSpec {
  return {
    ...SNAP_SERVICE,
    unit: UNITS.datastore,
    identifier: DATASTORE_IDENTIFIER,
    program: datastoreProgram(parts),
    wrapperSleepMs: WRAPPER_SLEEP_MS,
    command: `${SNAP}/bin/k8s-dqlite --storage-dir=${BACKEND}/ --listen=unix://${BACKEND}/kine.sock:12379`,
    whyNotRun: () => (parts.host.files.has(STOP_MARKER_PATH) ? "k8s-dqlite will not run: stopped.lock" : null),
  };
}

function datastoreProgram({ host, member, datastore }: DatastoreParts): Program {
  return (process) => {
    let isStopping = false;
    member.boot(process);
    datastore.boot(process);
    const terminate = () => {
      if (isStopping) return;
      isStopping = true;
      // Its own budget for this is 30 s, as long as systemd waits.
      member.handOver(() => {
        printLine(host, process, "info", "k8s-dqlite server shutdown");
        process.end({ code: "exited", status: 0 });
      });
    };
    return { terminate };
  };
}

/** `snap.microk8s.daemon-kubelite`: apiserver, controller manager, scheduler, kubelet and kube-proxy in one process. */
export function kubeliteUnit(host: Host, program: Program): UnitSpec {
  return {
    ...SNAP_SERVICE,
    unit: UNITS.kubelite,
    identifier: "microk8s.daemon-kubelite",
    // MicroK8s takes a started kubelite for a node that is stopped no longer.
    program: (process) => {
      host.files.delete(STOP_MARKER_PATH);
      return program(process);
    },
    wrapperSleepMs: 0,
    command: `${SNAP}/kubelite --kubelet-args-file=/var/snap/microk8s/6787/args/kubelet`,
  };
}
