import type { Sim } from "../../sim/sim.ts";
import type { ApiServer } from "../kube/apiserver.ts";
import { createInformer, type Informer } from "../kube/informer.ts";
import { keyOf, type KubeObject } from "../kube/object.ts";
import type { Process } from "../process.ts";
import { controllerOf } from "./values.ts";

/** What a controller wants to hear of a resource. Objects that are known already are told as added. */
export interface Listener {
  readonly onAdd?: (object: KubeObject) => void;
  readonly onUpdate?: (before: KubeObject, now: KubeObject) => void;
  readonly onDelete?: (last: KubeObject) => void;
}

/**
 * The informers of one process, one per resource, made when the first one asks. In the real kubelite each component has
 * its own set; all of them read the same watch cache, so one set knows what each would know, at a fifth of the cost.
 */
export interface Informers {
  /** Opens the informer if need be. */
  of(resource: string): Informer;
  listen(resource: string, listener: Listener): void;
  /** Those of a resource that the owner of that uid manages. */
  ownedBy(resource: string, uid: string): readonly KubeObject[];
  /** Runs once all of these have their first list. */
  whenSynced(resources: readonly string[], run: () => void): void;
}

interface Shared {
  readonly informer: Informer;
  readonly listeners: Listener[];
  readonly waiting: (() => void)[];
  readonly owned: Owned;
}

/** Objects by the uid of who manages them. */
interface Owned {
  readonly byUid: Map<string, Map<string, KubeObject>>;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

export function createInformers(options: { sim: Sim; process: Process; apiserver: ApiServer }): Informers {
  const all = new Map<string, Shared>();

  function share(resource: string): Shared {
    const known = all.get(resource);
    if (known !== undefined) return known;
    const listeners: Listener[] = [];
    const waiting: (() => void)[] = [];
    const owned = createOwned();
    const informer = createInformer({
      ...options,
      resource,
      onAdd: (object) => {
        owned.put(object);
        for (const { onAdd } of listeners) onAdd?.(object);
      },
      onUpdate: (before, now) => {
        if (controllerOf(before)?.uid !== controllerOf(now)?.uid) owned.remove(before);
        owned.put(now);
        for (const { onUpdate } of listeners) onUpdate?.(before, now);
      },
      onDelete: (last) => {
        owned.remove(last);
        for (const { onDelete } of listeners) onDelete?.(last);
      },
      onSynced: () => {
        for (const run of waiting.splice(0)) run();
      },
    });
    const made = { informer, listeners, waiting, owned };
    all.set(resource, made);
    return made;
  }

  function listen(resource: string, listener: Listener): void {
    const { informer, listeners } = share(resource);
    listeners.push(listener);
    for (const object of informer.objects.values()) listener.onAdd?.(object);
  }

  function whenSynced(resources: readonly string[], run: () => void): void {
    const late = resources.map(share).filter(({ informer }) => !informer.hasSynced);
    let left = late.length;
    if (left === 0) return run();
    for (const { waiting } of late) {
      waiting.push(() => {
        left -= 1;
        if (left === 0) run();
      });
    }
  }

  return {
    of: (resource) => share(resource).informer,
    listen,
    ownedBy: (resource, uid) => [...(share(resource).owned.byUid.get(uid)?.values() ?? [])],
    whenSynced,
  };
}

function createOwned(): Owned {
  const byUid = new Map<string, Map<string, KubeObject>>();
  return {
    byUid,
    put: (object) => {
      const uid = controllerOf(object)?.uid;
      if (uid === undefined) return;
      let siblings = byUid.get(uid);
      if (siblings === undefined) byUid.set(uid, (siblings = new Map()));
      siblings.set(keyOf(object), object);
    },
    remove: (object) => {
      const uid = controllerOf(object)?.uid;
      if (uid === undefined) return;
      const siblings = byUid.get(uid);
      siblings?.delete(keyOf(object));
      if (siblings?.size === 0) byUid.delete(uid);
    },
  };
}
