import type { Json } from "../datastore/datastore.ts";
import { field, isFields, type KubeObject } from "./object.ts";
import { applyPatch } from "./patch.ts";
import { type Prepared } from "./prepare.ts";
import type { Respond } from "./reads.ts";
import { resourceNamed } from "./resources.ts";
import { badRequest, conflict, methodNotAllowed, type Reply, unknownPath } from "./status.ts";
import type { WriteRequest, Writer } from "./writes.ts";

const SCALABLE = new Set(["deployments", "replicasets", "statefulsets"]);
const CREATED: Reply = {
  status: 201,
  body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
};
const PODS = resourceNamed("pods");

/** `pods/binding`, `pods/eviction` and `scale`; `status` is an ordinary write. */
export function serveSubresource(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  request: WriteRequest,
  { writer, read }: { readonly writer: Writer; readonly read: (respond: Respond) => void },
  respond: Respond,
): void {
  const { plural } = request.target.resource;
  const { subresource } = request.target;
  if (subresource === "scale" && SCALABLE.has(plural)) return scale(method, request, { writer, read }, respond);
  if (plural !== "pods" || (subresource !== "binding" && subresource !== "eviction")) return respond(unknownPath());
  if (method !== "POST") return respond(methodNotAllowed());
  const created: Respond = (reply) => respond(reply.status < 300 ? CREATED : reply);
  if (subresource === "eviction")
    return writer.remove({ ...request, body: field(request.body, "deleteOptions") ?? null }, created);
  writer.modify(request, (pod) => bind(pod, field(request.body, "target", "name")), created);
}

function bind(pod: KubeObject, node: Json | undefined): Prepared {
  const { name } = pod.metadata;
  if (typeof node !== "string" || node === "") return { refusal: badRequest("target.name: Required value") };
  const at = field(pod, "spec", "nodeName");
  if (typeof at === "string" && at !== "")
    return {
      refusal: conflict({ ...PODS, plural: "pods/binding" }, name, `pod ${name} is already assigned to node "${at}"`),
    };
  const others = ((field(pod, "status", "conditions") ?? []) as readonly Json[]).filter(
    (condition) => field(condition, "type") !== "PodScheduled",
  );
  const conditions = [...others, { type: "PodScheduled", status: "True" }];
  return { object: { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions } } };
}

function scale(
  method: string,
  request: WriteRequest,
  { writer, read }: { readonly writer: Writer; readonly read: (respond: Respond) => void },
  respond: Respond,
): void {
  const shown: Respond = ({ status, body }) =>
    respond(status < 300 && isFields(body) ? { status, body: scaleOf(body as KubeObject) } : { status, body });
  if (method === "GET") return read(shown);
  if (method !== "PUT" && method !== "PATCH") return respond(methodNotAllowed());
  writer.modify(
    request,
    (current) => {
      const sent = method === "PUT" ? request.body : patchedScale(current, request);
      const replicas = field(sent, "spec", "replicas");
      if (typeof replicas !== "number") return { refusal: badRequest("spec.replicas: Required value") };
      if (replicas === field(current, "spec", "replicas")) return { object: current };
      const generation = (current.metadata.generation ?? 0) + 1;
      return {
        object: { ...current, metadata: { ...current.metadata, generation }, spec: { ...current.spec, replicas } },
      };
    },
    shown,
  );
}

function patchedScale(current: KubeObject, { contentType, body }: WriteRequest): Json | undefined {
  const patched = applyPatch(contentType, scaleOf(current), body ?? null);
  return "error" in patched ? undefined : patched.value;
}

/** autoscaling/v1 Scale. */
function scaleOf(object: KubeObject): Json {
  const { name, namespace = "", uid = "", resourceVersion = "", creationTimestamp = null } = object.metadata;
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: field(object, "spec", "replicas") ?? 0 },
    status: { replicas: field(object, "status", "replicas") ?? 0 },
  };
}
