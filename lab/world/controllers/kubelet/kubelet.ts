import type { Release } from "../../releases.ts";
import type { Component } from "../component.ts";
import { pause, type Task, until } from "../task.ts";
import { containerdOf } from "./containerd.ts";
import { startNodeLease } from "./lease.ts";
import { startNodeStatus } from "./node-status.ts";
import { startPleg } from "./pleg.ts";
import { startPods } from "./pods.ts";

/** MicroK8s's kubelite gives its apiserver so long before it starts the kubelet; then it gives up. */
const APISERVER_WAIT_MS = 360_000;
const POLL_MS = 1000;

/** Waits until the node's own apiserver is ready; false when it was not within 360 s. */
export function* waitForApiserver({ process, apiserver, sim }: Component): Task<boolean> {
  const startedAtMs = sim.nowMs();
  while (sim.nowMs() - startedAtMs < APISERVER_WAIT_MS) {
    const isReady = yield* until<boolean>((done) =>
      apiserver.request(
        process,
        { method: "GET", path: "/readyz", userAgent: "kubelite" },
        ({ status }) => done(status === 200),
        () => done(false),
      ),
    );
    if (isReady) return true;
    yield* pause(process, POLL_MS);
  }
  return false;
}

/** The kubelet of a node: its heartbeats and its pods. */
export function startKubelet(component: Component, release: Release): void {
  const containerd = containerdOf(component.sim, component.host);
  const pleg = startPleg(component, containerd);
  startNodeLease(component);
  startNodeStatus(component, pleg, release);
  component.informers.whenSynced(["pods"], () => startPods(component, containerd));
}
