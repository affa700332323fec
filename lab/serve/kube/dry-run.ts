import type { Json } from "../../world/datastore/datastore.ts";
import type { ApiRequest, ApiResponse } from "../../world/kube/apiserver.ts";
import { field, isFields } from "../../world/kube/object.ts";
import { applyPatch } from "../../world/kube/patch.ts";
import { badRequest, type Reply } from "../../world/kube/status.ts";

/** Reads an object from the store, as it is. */
export type Read = (path: string, done: (response: Pick<ApiResponse, "status" | "body">) => void) => void;

/**
 * `dryRun=All`: what a write would give, without writing. Defaults and admission are not acted out; a conflict and a missing
 * object are told as they would be.
 */
export function dryRun(
  { method, path, body, contentType = "" }: ApiRequest,
  read: Read,
  done: (reply: Reply) => void,
): void {
  if (method === "POST") return dryCreate(path, body ?? null, read, done);
  read(path, (found) => {
    if (method === "PATCH" && found.status === 404 && contentType.startsWith("application/apply-patch"))
      return done({ status: 201, body: body ?? null });
    if (found.status !== 200) return done(found);
    if (method === "PUT") return done({ status: 200, body: body ?? null });
    if (method !== "PATCH") return done({ status: 200, body: found.body });
    const patched = applyPatch(contentType, found.body, body ?? null);
    done("error" in patched ? badRequest(patched.error) : { status: 200, body: patched.value });
  });
}

function dryCreate(path: string, body: Json, read: Read, done: (reply: Reply) => void): void {
  const name = field(body, "metadata", "name");
  if (typeof name !== "string" || !isFields(body)) return done({ status: 201, body });
  read(`${path}/${name}`, ({ status }) => {
    const exists = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "AlreadyExists",
      code: 409,
    };
    if (status === 200) return done({ status: 409, body: { ...exists, message: `"${name}" already exists` } });
    done({ status: 201, body });
  });
}
