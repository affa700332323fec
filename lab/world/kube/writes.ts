import type { Json } from "../datastore/datastore.ts";
import type { Cacher } from "./cacher.ts";
import type { Deadline } from "./deadlines.ts";
import { decideDelete } from "./deletion.ts";
import { type Decision, guaranteedUpdate } from "./guaranteed-update.ts";
import { decode, isFields, type KubeObject, type ObjectMeta } from "./object.ts";
import { applyPatch } from "./patch.ts";
import type { Target } from "./path.ts";
import {
  checkPreconditions,
  type Makings,
  prepareCreate,
  type Prepared,
  prepareUpdate,
  type Scope,
} from "./prepare.ts";
import type { Respond } from "./reads.ts";
import { type Resource, storageKey } from "./resources.ts";
import { alreadyExists, badRequest, invalid, notFound, type Reply, storeError } from "./status.ts";
import type { StoreLink } from "./store-link.ts";

export interface WriteRequest {
  readonly target: Target;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
  readonly contentType: string;
  readonly deadline: Deadline;
}

export interface Writer {
  create(request: WriteRequest, respond: Respond): void;
  /** PUT of the object or of its status. */
  put(request: WriteRequest, respond: Respond): void;
  patch(request: WriteRequest, respond: Respond): void;
  remove(request: WriteRequest, respond: Respond): void;
  /** An object's change that is no plain update: `change` gives the new object. */
  modify(request: WriteRequest, change: (current: KubeObject) => Prepared, respond: Respond): void;
}

interface WriterOptions {
  readonly link: StoreLink;
  readonly makings: Makings;
  readonly cacherOf: (resource: Resource) => Cacher | null;
}

export function createWriter({ link, makings, cacherOf }: WriterOptions): Writer {
  function create({ target, body, deadline }: WriteRequest, respond: Respond): void {
    const { resource } = target;
    const prepared = prepareCreate(target, body, makings);
    if ("refusal" in prepared) return respond(prepared.refusal);
    const { object } = prepared;
    const { name, namespace } = object.metadata;
    const key = storageKey(resource, namespace ?? null, name);
    const ttl = resource.ttlMs === null ? {} : { ttlMs: resource.ttlMs };
    link.txn({ op: "create", key, value: object, expectedRevision: 0, ...ttl }, deadline, (answer) => {
      if (!answer.ok) return respond(storeError(answer.error));
      if (!answer.value.succeeded) return respond(alreadyExists(resource, name));
      respond({ status: 201, body: decode(object, answer.value.revision) });
    });
  }

  function update(request: WriteRequest, decide: (current: KubeObject | null) => Decision, respond: Respond): void {
    const { target, deadline } = request;
    const { resource, namespace, name } = target;
    const cacher = cacherOf(resource);
    guaranteedUpdate(
      {
        link,
        key: storageKey(resource, namespace, name ?? ""),
        deadline,
        ttlMs: resource.ttlMs,
        guess: cacher?.isReady === true ? cacher.cache.get(namespace, name ?? "") : undefined,
        decide,
      },
      respond,
    );
  }

  /** Creates it where a PUT or an apply of the kind may do so. */
  function createdBy(request: WriteRequest, mayCreate: boolean): Decision {
    const { target, body } = request;
    if (!mayCreate) return refuse(notFound(target.resource, target.name ?? ""));
    const prepared = prepareCreate(target, body, makings);
    return "refusal" in prepared ? refuse(prepared.refusal) : { kind: "write", object: prepared.object, status: 201 };
  }

  function put(request: WriteRequest, respond: Respond): void {
    const { target, body } = request;
    const { resource, namespace } = target;
    const name = target.name ?? "";
    const scope: Scope = target.subresource === "status" ? "status" : "object";
    if (!isFields(body) || !isFields(body["metadata"]))
      return respond(badRequest("the body of the request is no object"));
    const given = body["metadata"] as Partial<ObjectMeta>;
    const key = storageKey(resource, namespace, name);
    update(
      request,
      (current) => {
        const refusal = checkPreconditions(resource, key, current, given, name);
        if (refusal !== null) return refuse(refusal);
        if (current === null) return createdBy(request, resource.createsOnUpdate && scope === "object");
        if (!resource.allowsBlindUpdate && (given.resourceVersion ?? "") === "") {
          const why = "Invalid value: 0: must be specified for an update";
          return refuse(invalid(resource, name, "metadata.resourceVersion", why));
        }
        return written(prepareUpdate(resource, scope, current, body));
      },
      respond,
    );
  }

  function patch(request: WriteRequest, respond: Respond): void {
    const { target, body, contentType } = request;
    const { resource, namespace } = target;
    const name = target.name ?? "";
    const scope: Scope = target.subresource === "status" ? "status" : "object";
    const isApply = contentType.startsWith("application/apply-patch");
    const given = (isFields(body) && isFields(body["metadata"]) ? body["metadata"] : {}) as Partial<ObjectMeta>;
    const key = storageKey(resource, namespace, name);
    update(
      request,
      (current) => {
        const refusal = checkPreconditions(resource, key, current, given, name);
        if (refusal !== null) return refuse(refusal);
        if (current === null) return createdBy(request, isApply && scope === "object");
        const patched = applyPatch(contentType, current, body ?? null);
        if ("error" in patched) return refuse(badRequest(patched.error));
        return written(prepareUpdate(resource, scope, current, patched.value));
      },
      respond,
    );
  }

  function remove(request: WriteRequest, respond: Respond): void {
    const { target, body, query } = request;
    update(request, (current) => decideDelete(target, current, { body, query, nowText: makings.nowText }), respond);
  }

  function modify(request: WriteRequest, change: (current: KubeObject) => Prepared, respond: Respond): void {
    const { resource, name } = request.target;
    update(
      request,
      (current) => (current === null ? refuse(notFound(resource, name ?? "")) : written(change(current))),
      respond,
    );
  }

  return { create, put, patch, remove, modify };
}

function refuse(reply: Reply): Decision {
  return { kind: "refuse", reply };
}

/** The last finalizer is gone from an object that was to be deleted: it goes now. */
function written(prepared: Prepared): Decision {
  if ("refusal" in prepared) return refuse(prepared.refusal);
  const { object } = prepared;
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  const isDue = deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0;
  if (isDue && (finalizers ?? []).length === 0) return { kind: "delete", body: object };
  return { kind: "write", object };
}
