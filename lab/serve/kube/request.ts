import { field } from "../../world/kube/object.ts";
import type { Json } from "../../world/datastore/datastore.ts";
import type { ApiRequest } from "../../world/kube/apiserver.ts";
import { failure, type Reply } from "../../world/kube/status.ts";
import type { Attributes } from "./access.ts";
import { decodeKubernetes } from "./protobuf/decode.ts";

/** A request as it came over HTTP, taken apart. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly attributes: Attributes;
}

const VERBS: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };
export const METHODS: Readonly<Record<string, ApiRequest["method"]>> = {
  GET: "GET",
  HEAD: "GET",
  POST: "POST",
  PUT: "PUT",
  PATCH: "PATCH",
  DELETE: "DELETE",
};

export function parseRequest(method: string, url: string): Asked {
  const { pathname, searchParams } = new URL(url, "https://lab");
  const query = Object.fromEntries(searchParams);
  const path = decodeURIComponent(pathname);
  const resource = resourceOf(path);
  const isWatch = query["watch"] === "true" || query["watch"] === "1";
  const verb =
    VERBS[method] ?? (resource === null ? "get" : isWatch ? "watch" : resource.name === null ? "list" : "get");
  const isMany = verb === "delete" && resource?.name === null;
  return { method, path, query, attributes: { verb: isMany ? "deletecollection" : verb, path, resource } };
}

/** RequestInfo's view of a path: also of resources that are not served. */
function resourceOf(path: string): Attributes["resource"] {
  const [, root, ...rest] = path.split("/");
  const group = root === "apis" ? (rest[0] ?? "") : "";
  const parts = root === "api" ? rest.slice(1) : root === "apis" ? rest.slice(2) : [];
  if (parts[0] === undefined || parts[0] === "") return null;
  const isWithin = parts[0] === "namespaces" && parts.length > 2;
  const [plural = "", name, subresource] = isWithin ? parts.slice(2) : parts;
  const namespace = isWithin ? (parts[1] ?? null) : null;
  return {
    group,
    plural: subresource === undefined ? plural : `${plural}/${subresource}`,
    namespace,
    name: name ?? null,
  };
}

const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** Parses a body; a Reply is the refusal. */
export function parseBody(bytes: Buffer, contentType: string): { readonly body?: Json } | { readonly refusal: Reply } {
  if (bytes.length === 0) return {};
  const isProtobuf = contentType.startsWith(PROTOBUF);
  if (!isProtobuf && !/json|yaml|^$/.test(contentType)) {
    const types = `application/json, application/yaml, ${PROTOBUF}`;
    const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
    return { refusal: failure(415, "UnsupportedMediaType", message) };
  }
  try {
    return { body: isProtobuf ? decodeKubernetes(bytes) : (JSON.parse(bytes.toString("utf8")) as Json) };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { refusal: failure(400, "BadRequest", error.message) };
  }
}

/** Answers that need no store: access reviews; null for every other request. */
export function reviewAt(
  { method, path }: Asked,
  body: Json | undefined,
  userName: string,
  groups: readonly string[],
): Reply | null {
  if (method !== "POST") return null;
  if (path === "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") {
    const spec = field(body, "spec") ?? {};
    const verb = field(spec, "resourceAttributes", "verb");
    const isAllowed = groups.includes("system:masters") || verb === "get" || verb === "list" || verb === "watch";
    const status = {
      allowed: isAllowed,
      ...(isAllowed ? {} : { reason: "the lab's users other than admin only read" }),
    };
    return {
      status: 201,
      body: { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", metadata: {}, spec, status },
    };
  }
  if (path === "/apis/authentication.k8s.io/v1/selfsubjectreviews") {
    const status = { userInfo: { username: userName, groups } };
    return {
      status: 201,
      body: { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1", metadata: {}, status },
    };
  }
  return null;
}

/** What would need containers; the message is what kubectl shows. Null for every other request. */
export function refusedAt({ path }: Asked): Reply | null {
  const [, subresource] = /\/pods\/[^/]+\/(log|exec|attach|portforward)$/.exec(path) ?? [];
  if (subresource === undefined) return null;
  const what = subresource === "log" ? "keep no logs" : `cannot do ${subresource}`;
  return failure(
    501,
    "NotImplemented",
    `the lab emulates the control plane: its pods run no containers, so they ${what}`,
  );
}
