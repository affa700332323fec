import { callApi } from "../../kube/client.ts";
import { field, type KubeObject } from "../../kube/object.ts";
import { apiPath, resourceNamed } from "../../kube/resources.ts";
import { microTimeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { runTask, type Task, until } from "../task.ts";

/** kubelet: nodeLeaseDurationSeconds 40, renewed each quarter of it. */
const DURATION_SECONDS = 40;
const RENEW_MS = 10_000;
/** The heartbeat client's own timeout is the status frequency. */
const DEADLINE_MS = 10_000;
/** component-helpers, node lease controller: maxUpdateRetries. */
const TRIES = 5;

const LEASES = resourceNamed("leases.coordination.k8s.io");
const NAMESPACE = "kube-node-lease";

type Answer = { readonly status: number; readonly object: KubeObject | null; readonly why: string };

/** The node's heartbeat: its Lease, renewed each 10 s by the last one that was written. */
export function startNodeLease(component: Component): void {
  const { process, apiserver, host, print } = component;
  const collection = apiPath(LEASES, NAMESPACE);
  const path = apiPath(LEASES, NAMESPACE, host.name);
  let latest: KubeObject | null = null;
  let isBusy = false;

  const send = (request: { method: "GET" | "POST" | "PUT"; path: string; body?: KubeObject }) =>
    until<Answer>((done) =>
      callApi(process, apiserver, { ...request, userAgent: "kubelet" }, DEADLINE_MS, (result) => {
        if (!result.answered) return done({ status: 0, object: null, why: result.why });
        const object = result.status < 300 ? (result.body as KubeObject) : null;
        const message = field(result.body, "message");
        done({ status: result.status, object, why: typeof message === "string" ? message : "" });
      }),
    );

  function renewed(from: KubeObject | null): KubeObject {
    const metadata = from?.metadata ?? { name: host.name, namespace: NAMESPACE };
    const renewTime = microTimeText(host.clock.nowMs());
    const spec = { holderIdentity: host.name, leaseDurationSeconds: DURATION_SECONDS, renewTime };
    return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
  }

  /** Reads the Lease, or creates it. */
  function* ensure(): Task<boolean> {
    const found = yield* send({ method: "GET", path });
    const answer =
      found.status === 404 ? yield* send({ method: "POST", path: collection, body: renewed(null) }) : found;
    if (answer.object === null)
      print("E", "controller.go", `"Failed to ensure lease exists, will retry" err="${answer.why}"`);
    latest = answer.object;
    return latest !== null;
  }

  function* renew(): Task {
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (latest === null && !(yield* ensure())) return;
      const answer = yield* send({ method: "PUT", path, body: renewed(latest) });
      if (answer.object !== null) {
        latest = answer.object;
        return;
      }
      print("E", "controller.go", `"Failed to update lease" err="${answer.why}"`);
      latest = null;
    }
  }

  const tick = () => {
    if (isBusy) return;
    isBusy = true;
    runTask(renew(), () => {
      isBusy = false;
    });
  };
  tick();
  process.every(RENEW_MS, tick);
}
