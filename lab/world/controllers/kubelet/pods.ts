import { isEqual } from "../../kube/equal.ts";
import { keyOf, type KubeObject } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import { type Task, until } from "../task.ts";
import { hasEnded, textAt } from "../values.ts";
import type { Container, Containerd } from "./containerd.ts";
import { podStatus } from "./pod-status.ts";

/** CrashLoopBackOff: 10 s, doubled, at most 5 min. */
const FIRST_RESTART_MS = 10_000;
const MOST_RESTART_MS = 300_000;

/** Runs the pods that are bound to this node, as its informer shows them; one worker per pod, as in the real kubelet. */
export function startPods(component: Component, containerd: Containerd): void {
  const { informers, api, host, process, record, sim } = component;
  const pods = informers.of("pods");
  const queue = createQueue(process, reconcile);
  const isOurs = (pod: KubeObject) => textAt(pod, "spec", "nodeName") === host.name;
  const containerOf = (pod: KubeObject) => containerd.containers.get(pod.metadata.uid ?? "") ?? null;

  function* reconcile(key: string): Task<boolean> {
    const pod = pods.objects.get(key);
    yield* removeOthers(key, pod);
    if (pod === undefined || !isOurs(pod)) return true;
    if (pod.metadata.deletionTimestamp !== undefined) return yield* kill(pod);
    const container = containerOf(pod);
    if (hasEnded(pod)) return true;
    if (container === null) {
      const isLost = textAt(podStatusOf(pod, null), "phase") === "Failed";
      return yield* isLost ? report(pod, null) : run(pod);
    }
    if (container.exit !== null && textAt(podStatusOf(pod, container), "phase") === "Running") {
      return yield* restart(pod, container);
    }
    return yield* report(pod, container);
  }

  /** Containers of a pod of that name that is not there any more: it was deleted, or made anew. */
  function* removeOthers(key: string, pod: KubeObject | undefined): Task {
    for (const { key: other, uid } of containerd.containers.values()) {
      if (other === key && uid !== pod?.metadata.uid) yield* until<void>((done) => stopContainer(uid, done));
    }
  }

  function* kill(pod: KubeObject): Task<boolean> {
    const container = containerOf(pod);
    if (container !== null) {
      record(pod, "Normal", "Killing", `Stopping container ${nameOf(pod)}`);
      yield* until<void>((done) => stopContainer(container.uid, done));
    }
    const reply = yield* api.delete("pods", pod, { gracePeriodSeconds: 0 });
    return reply.ok || reply.status === 404 || reply.status === 409;
  }

  function* run(pod: KubeObject): Task<boolean> {
    if (!(yield* report(pod, null))) return false;
    const container = yield* until<Container>((done) => startContainer(pod, done));
    const name = nameOf(pod);
    record(pod, "Normal", "Pulled", `Container image for "${name}" already present on machine`);
    record(pod, "Normal", "Created", `Created container: ${name}`);
    record(pod, "Normal", "Started", `Started container ${name}`);
    // The informer may know more by now; a pod that is gone meanwhile is removed by its event.
    return yield* report(pods.objects.get(keyOf(pod)) ?? pod, container);
  }

  function* restart(pod: KubeObject, container: Container): Task<boolean> {
    const backoffMs = Math.min(FIRST_RESTART_MS * 2 ** container.restarts, MOST_RESTART_MS);
    const waitMs = (container.exit?.atMs ?? 0) + backoffMs - sim.nowMs();
    if (waitMs > 0 && container.restarts > 0) {
      queue.addAfter(keyOf(pod), waitMs);
      return true;
    }
    const started = yield* until<Container>((done) => startContainer(pod, done));
    record(pod, "Normal", "Started", `Started container ${nameOf(pod)}`);
    return yield* report(pod, started);
  }

  function* report(pod: KubeObject, container: Container | null): Task<boolean> {
    const status = podStatusOf(pod, container);
    if (isEqual(pod.status, status)) return true;
    const { name, namespace = null } = pod.metadata;
    const reply = yield* api.patch("pods", { namespace, name, subresource: "status" }, { status });
    return reply.ok || reply.status === 404;
  }

  function podStatusOf(pod: KubeObject, container: Container | null) {
    return podStatus({ pod, hostIp: host.address, container, now: timeText(host.clock.nowMs()) });
  }

  /** The runtime answers into this process, as long as it lives. */
  function startContainer(pod: KubeObject, done: (container: Container) => void): void {
    containerd.start(pod, (container) => process.deliver(() => done(container)));
  }

  function stopContainer(uid: string, done: () => void): void {
    containerd.stop(uid, () => process.deliver(done));
  }

  informers.listen("pods", {
    onAdd: (pod) => (isOurs(pod) ? queue.add(keyOf(pod)) : undefined),
    onUpdate: (_before, pod) => (isOurs(pod) ? queue.add(keyOf(pod)) : undefined),
    onDelete: (pod) => (isOurs(pod) ? queue.add(keyOf(pod)) : undefined),
  });
  // Containers whose pods were deleted while no kubelet was there.
  for (const { key } of containerd.containers.values()) queue.add(key);
  const forget = containerd.onChange((key) => (key === null ? undefined : process.deliver(() => queue.add(key))));
  process.onEnd(forget);
}

function nameOf(pod: KubeObject): string {
  const [container] = (pod.spec?.["containers"] ?? []) as readonly { readonly name?: string }[];
  return container?.name ?? pod.metadata.name;
}
