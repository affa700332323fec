import type { Json } from "../datastore/datastore.ts";
import type { Decision } from "./guaranteed-update.ts";
import { field, isFields, type KubeObject } from "./object.ts";
import type { Target } from "./path.ts";
import { checkPreconditions } from "./prepare.ts";
import { storageKey } from "./resources.ts";
import { notFound, success } from "./status.ts";

interface DeleteRequest {
  /** DeleteOptions. */
  readonly body: Json | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly nowText: () => string;
}

/** Kubernetes's finalizers for dependents: the garbage collector of the controller manager takes them off. */
const FINALIZER_OF: Readonly<Record<string, string>> = { Foreground: "foregroundDeletion", Orphan: "orphan" };

/**
 * What a DELETE does: a running pod is only marked, for its kubelet to end it; an object with finalizers is only marked;
 * anything else goes at once.
 */
export function decideDelete(target: Target, current: KubeObject | null, request: DeleteRequest): Decision {
  const { resource, namespace } = target;
  const name = target.name ?? "";
  if (current === null) return { kind: "refuse", reply: notFound(resource, name) };
  const options = isFields(request.body) ? request.body : {};
  const wanted = (field(options, "preconditions") ?? {}) as {
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  const refusal = checkPreconditions(resource, storageKey(resource, namespace, name), current, wanted, name);
  if (refusal !== null) return { kind: "refuse", reply: refusal };

  const graceSeconds = graceOf(current, options["gracePeriodSeconds"] ?? request.query["gracePeriodSeconds"]);
  const policy = options["propagationPolicy"] ?? request.query["propagationPolicy"];
  const added = typeof policy === "string" ? FINALIZER_OF[policy] : undefined;
  const finalizers = withFinalizer(current.metadata.finalizers ?? [], added);
  if (graceSeconds === 0 && finalizers.length === 0)
    return { kind: "delete", body: success(resource, name, current.metadata.uid ?? "") };
  return { kind: "write", object: marked(current, graceSeconds, finalizers, request.nowText()) };
}

/** Only pods that were given to a node and have not ended are deleted gracefully. */
function graceOf(object: KubeObject, asked: Json | undefined): number {
  if (object.kind !== "Pod") return 0;
  const phase = field(object, "status", "phase");
  const isPlaced = typeof field(object, "spec", "nodeName") === "string";
  if (!isPlaced || phase === "Succeeded" || phase === "Failed") return 0;
  const own = field(object, "spec", "terminationGracePeriodSeconds");
  const wanted = asked ?? own ?? 30;
  return Math.max(0, Number(wanted));
}

function withFinalizer(finalizers: readonly string[], added: string | undefined): readonly string[] {
  return added === undefined || finalizers.includes(added) ? finalizers : [...finalizers, added];
}

function marked(object: KubeObject, graceSeconds: number, finalizers: readonly string[], nowText: string): KubeObject {
  const { metadata } = object;
  const deletionTimestamp = metadata.deletionTimestamp ?? nowText;
  const deletionGracePeriodSeconds = Math.min(graceSeconds, metadata.deletionGracePeriodSeconds ?? graceSeconds);
  return {
    ...object,
    metadata: {
      ...metadata,
      deletionTimestamp,
      deletionGracePeriodSeconds,
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
  };
}
