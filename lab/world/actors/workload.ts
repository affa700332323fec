import { startCalicoNode } from "../controllers/calico.ts";
import { type Api, createApi, eventOf, post } from "../controllers/component.ts";
import { containerdOf } from "../controllers/kubelet/containerd.ts";
import { pause, runTask, type Task } from "../controllers/task.ts";
import { isConditionTrue } from "../controllers/values.ts";
import type { KubeObject } from "../kube/object.ts";
import type { Process } from "../process.ts";
import { OPERATOR_MACHINE, type World } from "../world.ts";
import { type Manifest, manifestsOf } from "./manifests.ts";
import { PROGRAMS } from "./programs.ts";

const RETRY_MS = 2000;
const NODES_WAIT_MS = 30_000;
/** Probes that fail now and then, images that are pulled: Events that no controller of the lab posts. */
const EVENT_EVERY_MS = { small: { min: 60_000, max: 180_000 }, pir: { min: 5000, max: 25_000 } } as const;

/**
 * Starts what `spec.workload` names: it is applied from the operator's machine as soon as an apiserver answers, so a few
 * seconds after that all of it runs. calico-node runs on each node in any case. Called once, right after the world was composed.
 */
export function startWorkload(world: World): void {
  const {
    sim,
    spec: { workload },
  } = world;
  const apiservers = world.nodes.map(({ apiserver }) => apiserver);
  for (const { host } of world.nodes) {
    const { programs } = containerdOf(sim, host);
    for (const [id, program] of Object.entries(PROGRAMS)) programs.set(id, (process) => program(world, process));
    startCalicoNode({ sim, host, apiservers });
  }
  if (workload === "idle") return;
  const client = world.host(OPERATOR_MACHINE).spawn("kubectl");
  runTask(applyAll(world, client, manifestsOf(workload)), () => startEvents(world, EVENT_EVERY_MS[workload]));
}

/** Each object, again and again through one node after the other, until it is there. */
function* applyAll(world: World, client: Process, manifests: readonly Manifest[]): Task {
  const apis = world.nodes.map(({ apiserver }) => createApi(client, apiserver, "kubectl"));
  yield* waitForNodes(world, client, apis);
  let at = 0;
  for (const { resource, object } of manifests) {
    for (;;) {
      const api = apis[at % apis.length];
      if (api === undefined) return;
      const reply = yield* api.create(resource, object);
      if (reply.ok || reply.status === 409) break;
      at += 1;
      yield* pause(client, RETRY_MS);
    }
  }
}

/** Until all nodes are ready, so that the work spreads as it has in a cluster of some age; not longer than 30 s. */
function* waitForNodes(world: World, client: Process, apis: readonly Api[]): Task {
  const untilMs = world.sim.nowMs() + NODES_WAIT_MS;
  for (const [at, { name }] of world.nodes.entries()) {
    for (;;) {
      const found = yield* (apis[at] as Api).get("nodes", null, name);
      if ((found.ok && isConditionTrue(found.object, "Ready")) || world.sim.nowMs() >= untilMs) break;
      yield* pause(client, RETRY_MS);
    }
  }
}

/** Events about the pods, from the nodes. */
function startEvents(world: World, every: { readonly min: number; readonly max: number }): void {
  const draws = world.sim.random("everyday events");
  const source = world.host(OPERATOR_MACHINE).spawn("events");
  const about: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "shop" } };
  const told = {
    about,
    type: "Warning",
    reason: "Unhealthy",
    message: "Readiness probe failed: HTTP probe failed",
  } as const;
  const next = () =>
    source.after(draws.between(every.min, every.max), () => {
      const { host, apiserver } = draws.pick(world.nodes);
      post(source, apiserver, "kubelet", eventOf("kubelet", host, draws.hex(16), told));
      next();
    });
  next();
}
