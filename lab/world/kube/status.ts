import type { Json } from "../datastore/datastore.ts";
import { apiVersionOf, type Resource, resourceName } from "./resources.ts";

/** An answer before it is dated: HTTP status and body. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
}

/** A metav1.Status of failure. */
export function failure(code: number, reason: string, message: string, details?: Json): Reply {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  return {
    status: code,
    body: {
      ...status,
      ...(reason === "" ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    },
  };
}

function detailsOf({ plural, group }: Resource, name: string): Json {
  return group === "" ? { name, kind: plural } : { name, group, kind: plural };
}

export function notFound(resource: Resource, name: string): Reply {
  return failure(404, "NotFound", `${resourceName(resource)} "${name}" not found`, detailsOf(resource, name));
}

export function alreadyExists(resource: Resource, name: string): Reply {
  const message = `${resourceName(resource)} "${name}" already exists`;
  return failure(409, "AlreadyExists", message, detailsOf(resource, name));
}

const MODIFIED = "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(resource: Resource, name: string, why: string = MODIFIED): Reply {
  const message = `Operation cannot be fulfilled on ${resourceName(resource)} "${name}": ${why}`;
  return failure(409, "Conflict", message, detailsOf(resource, name));
}

/** The object was deleted, and perhaps made anew, since its uid was read. */
export function uidConflict(resource: Resource, name: string, key: string, wanted: string, found: string): Reply {
  const what = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${what}`,
  );
}

export function invalid(resource: Resource, name: string, path: string, why: string): Reply {
  const { kind, group } = resource;
  const message = `${kind}${group === "" ? "" : `.${group}`} "${name}" is invalid: ${path}: ${why}`;
  const details = { name, group, kind, causes: [{ reason: "FieldValueInvalid", message: why, field: path }] };
  return failure(422, "Invalid", message, details);
}

export function badRequest(message: string): Reply {
  return failure(400, "BadRequest", message);
}

/** The cache did not reach a revision in time (apiserver, storage.NewTooLargeResourceVersionError). */
export function tooLargeRevision(wanted: number, current: number): Reply {
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return failure(504, "Timeout", message, { causes, retryAfterSeconds: 1 });
}

/** The request's own time was up (apiserver, handlers/finisher and errors.go). */
export function requestTimeout(): Reply {
  const message = "Timeout: request did not complete within requested timeout - context deadline exceeded";
  return failure(504, "Timeout", message, {});
}

/** A WATCH from a revision that the cache's history no longer has. */
export function tooOldRevision(wanted: number, oldest: number): Reply {
  return failure(410, "Expired", `too old resource version: ${wanted} (${oldest})`);
}

/** A LIST at a revision that is compacted. */
export function listExpired(): Reply {
  return failure(410, "Expired", "The resourceVersion for the provided list is too old.");
}

/** The watch cache is being filled; the client tries again. */
export function initializing(): Reply {
  return failure(429, "TooManyRequests", "storage is (re)initializing", { retryAfterSeconds: 1 });
}

/** What the datastore refused: the rpc error's text, as it is, with 500; out of time is a timeout like any other. */
export function storeError(error: string): Reply {
  if (error.endsWith("context deadline exceeded")) return requestTimeout();
  return failure(500, "", error.startsWith("rpc error") ? error : `rpc error: code = Unknown desc = ${error}`);
}

export function success(resource: Resource, name: string, uid: string): Json {
  const { plural, group } = resource;
  const details = { name, ...(group === "" ? {} : { group }), kind: plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** No such path or method. */
export function unknownPath(): Reply {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function methodNotAllowed(): Reply {
  return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** A collection's body. */
export function listBody(resource: Resource, revision: number, items: readonly Json[], more?: Json): Json {
  const metadata = { resourceVersion: String(revision), ...(more as object | undefined) };
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}

/** The echo of the datastore's error in kubelite's journal: the same failure a second time (handlers/responsewriters). */
export function unhandledLine({ body }: Reply, pointer: string): string {
  const message = String((body as { readonly message?: string } | null)?.message);
  const what = `apiserver received an error that is not an metav1.Status: &status.Error{s:(*status.Status)(0xc000${pointer})}`;
  return `"Unhandled Error" err=${JSON.stringify(`${what}: ${message}`)} logger="UnhandledError"`;
}
