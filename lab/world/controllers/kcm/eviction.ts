import type { Timer } from "../../../sim/sim.ts";
import { type Fields, keyOf, type KubeObject } from "../../kube/object.ts";
import { timeText } from "../../kube/time.ts";
import type { Component } from "../component.ts";
import { runTask, type Task } from "../task.ts";
import { conditionOf, isActivePod, itemsAt, textAt } from "../values.ts";

/** What pods get by default (admission DefaultTolerationSeconds): 5 min on a node that is away. */
const TOLERATION_MS = 300_000;
const UNREACHABLE = "node.kubernetes.io/unreachable";
const NOT_READY = "node.kubernetes.io/not-ready";
const TAINTS: ReadonlySet<unknown> = new Set([UNREACHABLE, NOT_READY]);

/**
 * Taints nodes that are away and, 5 min after the informer shows the taint, deletes their pods, unless the taint went
 * away. When no node is ready, nothing is tainted: the fault is then rather on this side.
 */
export function startEviction(component: Component): (node: KubeObject, isReady: boolean) => void {
  const { informers, api, host, sim } = component;
  const ready = new Map<string, boolean>();
  const timers = new Map<string, Timer>();
  const busy = new Set<string>();

  function onNode(node: KubeObject, isReady: boolean): void {
    const { name } = node.metadata;
    ready.set(name, isReady);
    if (!isReady && [...ready.values()].every((one) => !one)) return;
    const wanted = isReady ? null : conditionOf(node, "Ready")?.["status"] === "Unknown" ? UNREACHABLE : NOT_READY;
    const has = itemsAt(node, "spec", "taints").filter((taint) => TAINTS.has(taint["key"]));
    const isRight = wanted === null ? has.length === 0 : has.length === 2 && has.every(({ key }) => key === wanted);
    if (isRight || busy.has(name)) return;
    busy.add(name);
    runTask(taint(node, wanted), () => busy.delete(name));
  }

  function* taint(node: KubeObject, key: string | null): Task {
    const others = itemsAt(node, "spec", "taints").filter((one) => !TAINTS.has(one["key"]));
    const timeAdded = timeText(host.clock.nowMs());
    const ours: readonly Fields[] =
      key === null
        ? []
        : [
            { key, effect: "NoSchedule", timeAdded },
            { key, effect: "NoExecute", timeAdded },
          ];
    const taints = [...others, ...ours];
    const spec = taints.length === 0 ? withoutTaints(node) : { ...node.spec, taints };
    yield* api.update("nodes", { ...node, spec });
  }

  /** By what the informer shows, not by what was written. */
  function follow(node: KubeObject): void {
    const { name } = node.metadata;
    const isTainted = itemsAt(node, "spec", "taints").some(
      ({ key, effect }) => TAINTS.has(key) && effect === "NoExecute",
    );
    if (!isTainted) {
      timers.get(name)?.cancel();
      timers.delete(name);
    } else if (!timers.has(name)) {
      timers.set(
        name,
        component.process.after(TOLERATION_MS, () => runTask(evict(name))),
      );
    }
  }

  function* evict(nodeName: string): Task {
    sim.log(host.name, `pods of ${nodeName} are evicted`);
    for (const pod of informers.of("pods").objects.values()) {
      if (textAt(pod, "spec", "nodeName") !== nodeName || !isActivePod(pod)) continue;
      component.record(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${keyOf(pod)}`);
      yield* api.delete("pods", pod);
    }
  }

  informers.listen("nodes", {
    onAdd: follow,
    onUpdate: (_before, node) => follow(node),
    onDelete: ({ metadata }) => {
      ready.delete(metadata.name);
      timers.get(metadata.name)?.cancel();
      timers.delete(metadata.name);
    },
  });
  return onNode;
}

function withoutTaints({ spec }: KubeObject): Fields {
  const { taints: _taints, ...rest } = spec ?? {};
  return rest;
}
