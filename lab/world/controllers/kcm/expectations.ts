import type { Component } from "../component.ts";
import type { KubeObject } from "../../kube/object.ts";
import { keyOf } from "../../kube/object.ts";
import type { WorkQueue } from "../queue.ts";
import { controllerOf } from "../values.ts";

/** kubernetes pkg/controller, ExpectationsTimeout. */
const TIMEOUT_MS = 300_000;

/**
 * What a controller did and has not seen yet through its informer: until it sees it, or 5 min have passed, it creates and
 * deletes nothing more for that owner. So a stale cache does not make it create the same pods again and again.
 */
export interface Expectations {
  expect(owner: string, creations: number, deletions: readonly string[]): void;
  /** A creation that failed will not be seen. */
  creationSeen(owner: string): void;
  deletionSeen(owner: string, pod: string): void;
  isFulfilled(owner: string): boolean;
  forget(owner: string): void;
}

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly untilMs: number;
}

export function createExpectations(nowMs: () => number): Expectations {
  const all = new Map<string, Expected>();
  return {
    expect: (owner, creations, deletions) =>
      all.set(owner, { creations, deletions: new Set(deletions), untilMs: nowMs() + TIMEOUT_MS }),
    creationSeen: (owner) => {
      const expected = all.get(owner);
      if (expected !== undefined) expected.creations -= 1;
    },
    deletionSeen: (owner, pod) => all.get(owner)?.deletions.delete(pod),
    isFulfilled: (owner) => {
      const expected = all.get(owner);
      if (expected === undefined || nowMs() > expected.untilMs) return true;
      return expected.creations <= 0 && expected.deletions.size === 0;
    },
    forget: (owner) => all.delete(owner),
  };
}

/** Follows the pods that owners of one kind manage: fulfils expectations and queues the owner, by `namespace/name`. */
export function followPods(component: Component, kind: string, queue: WorkQueue, expectations: Expectations): void {
  const ownerKey = (pod: KubeObject): string | null => {
    const owner = controllerOf(pod);
    return owner?.kind === kind ? `${pod.metadata.namespace}/${owner.name}` : null;
  };
  component.informers.listen("pods", {
    onAdd: (pod) => {
      const key = ownerKey(pod);
      if (key === null) return;
      if (pod.metadata.deletionTimestamp === undefined) expectations.creationSeen(key);
      else expectations.deletionSeen(key, keyOf(pod));
      queue.add(key);
    },
    onUpdate: (before, pod) => {
      const key = ownerKey(pod);
      if (key === null) return;
      if (pod.metadata.deletionTimestamp !== undefined) expectations.deletionSeen(key, keyOf(pod));
      // Nothing but a pod's status, deletion and labels matters to its owner.
      if (before.status !== pod.status || before.metadata !== pod.metadata) queue.add(key);
    },
    onDelete: (pod) => {
      const key = ownerKey(pod);
      if (key === null) return;
      expectations.deletionSeen(key, keyOf(pod));
      queue.add(key);
    },
  });
}
