import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Sim } from "../../sim/sim.ts";
import type { Host, Program } from "../host/host.ts";
import type { ApiServer } from "../kube/apiserver.ts";
import { createKlog } from "../kube/klog.ts";
import { createLeaderElection, MICROK8S_ELECTION } from "../kube/leader-election.ts";
import type { Network } from "../network.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import { type Component, createComponent } from "./component.ts";
import { createInformers } from "./informers.ts";
import { startControllers } from "./kcm/kcm.ts";
import { startKubeProxy } from "./kube-proxy.ts";
import { startKubelet, waitForApiserver } from "./kubelet/kubelet.ts";
import { startScheduler } from "./scheduler.ts";
import { runTask } from "./task.ts";

/** The times of a leader election, in ms. */
export interface ElectionTimes {
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export interface KubeliteOptions {
  readonly sim: Sim;
  readonly network: Network;
  readonly host: Host;
  readonly node: NodeName;
  /** The apiserver of this node: it runs inside of this program, and all the rest of it uses it alone. */
  readonly apiserver: ApiServer;
  readonly release: Release;
  /** Of the controller manager and the scheduler; MicroK8s's own when absent. */
  readonly election?: ElectionTimes;
}

/** SIGTERM: kubelite's components have nothing to hand over; it is gone after about a second. */
const TERMINATE_MS = 1000;
/** klog.Fatalf exits with 255, a lost election with 1 (controllermanager.go, klog.FlushAndExit). */
const LOST_STATUS = 1;
const FATAL_STATUS = 255;

/**
 * MicroK8s's kubelite: kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and kube-proxy of a node in one
 * process, as the program of the unit `UNITS.kubelite`. When one of them ends, all end. Containers go on without it.
 */
export function kubeliteProgram({
  sim,
  host,
  apiserver,
  release,
  election = MICROK8S_ELECTION,
}: KubeliteOptions): Program {
  return (process) => {
    const print = createKlog(host, process);
    const informers = createInformers({ sim, process, apiserver });
    const component = (name: string) => createComponent({ sim, host, process, apiserver, informers, print, name });
    const elected = { sim, host, process, apiserver, election };
    apiserver.boot(process);
    runElected(
      { ...elected, component: component("kube-controller-manager"), name: "kube-controller-manager" },
      startControllers,
    );
    runElected({ ...elected, component: component("kube-scheduler"), name: "kube-scheduler" }, startScheduler);
    const kubelet = component("kubelet");
    runTask(waitForApiserver(kubelet), (isReady) => {
      if (!isReady) {
        print("F", "daemon.go", "Kubelet exited timed out waiting for the condition");
        return process.end({ code: "exited", status: FATAL_STATUS });
      }
      startKubelet(kubelet, release);
      startKubeProxy(component("kube-proxy"));
    });
    const terminate = () => void process.after(TERMINATE_MS, () => process.end({ code: "exited", status: 0 }));
    return { terminate };
  };
}

interface Elected {
  readonly sim: Sim;
  readonly host: Host;
  readonly process: Process;
  readonly apiserver: ApiServer;
  readonly election: ElectionTimes;
  readonly component: Component;
  /** Of the Lease, and of the component. */
  readonly name: string;
}

/** Runs a component while it holds its Lease, and ends the whole process when it loses it. */
function runElected({ election, component, name, ...parts }: Elected, start: (component: Component) => void): void {
  const { host, process } = parts;
  createLeaderElection({
    ...parts,
    ...election,
    name,
    identity: `${host.name}_${uuid(component.draws.hex(32))}`,
    print: component.print,
    onStartedLeading: () => start(component),
    onStoppedLeading: () => {
      component.print("E", LOST_LINES[name] ?? "server.go", `"leaderelection lost"`);
      process.end({ code: "exited", status: LOST_STATUS });
    },
  });
}

/** Which source file tells of the loss. */
const LOST_LINES: Readonly<Record<string, string>> = {
  "kube-controller-manager": "controllermanager.go",
  "kube-scheduler": "server.go",
};

/** Random hexadecimal digits as a version 4 UUID. */
function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
