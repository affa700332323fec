import { type Resource, resourceAt } from "./resources.ts";

/** What an API path names. */
export interface Target {
  readonly resource: Resource;
  /** Null: cluster-scoped, or all namespaces. */
  readonly namespace: string | null;
  /** Null: the collection. */
  readonly name: string | null;
  readonly subresource: string | null;
}

/** Paths that were asked for lately: a Lease is renewed thousands of times. */
const KNOWN_MAX = 4096;
const known = new Map<string, Target | null>();

/** Null for what is no resource's path. */
export function parsePath(path: string): Target | null {
  const found = known.get(path);
  if (found !== undefined) return found;
  const target = parse(path);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(path, target);
  return target;
}

function parse(path: string): Target | null {
  const parts = path.split("/");
  if (parts[1] === "api") return targetOf("", parts[2] ?? "", parts, 3);
  if (parts[1] === "apis") return targetOf(parts[2] ?? "", parts[3] ?? "", parts, 4);
  return null;
}

function targetOf(group: string, version: string, parts: readonly string[], at: number): Target | null {
  // `/namespaces/x` is the object; with a resource behind it, the namespace of that.
  const within = parts[at] === "namespaces" ? resourceAt(group, version, parts[at + 2] ?? "") : undefined;
  if (within !== undefined) {
    if (!within.namespaced || parts[at + 1] === "") return null;
    return rest(within, parts[at + 1] ?? null, parts, at + 3);
  }
  const resource = resourceAt(group, version, parts[at] ?? "");
  if (resource === undefined) return null;
  // Without a namespace only the collection of all namespaces has a path.
  if (resource.namespaced && parts.length > at + 1) return null;
  return rest(resource, null, parts, at + 1);
}

function rest(resource: Resource, namespace: string | null, parts: readonly string[], at: number): Target | null {
  if (parts.length > at + 2 || parts[at] === "") return null;
  return { resource, namespace, name: parts[at] ?? null, subresource: parts[at + 1] ?? null };
}
