import type { IncomingHttpHeaders } from "node:http";
import type { TLSSocket } from "node:tls";

/** Who asks, as the apiserver's authenticators say. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** May read everything and change nothing. */
export const VIEWER: User = { name: "viewer", groups: ["system:authenticated"] };
const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Null: a token that is none (401). Without any credential it is `system:anonymous`, as kube-apiserver has it by default. */
export function authenticate(
  headers: IncomingHttpHeaders,
  socket: Pick<TLSSocket, "authorized" | "getPeerCertificate">,
  tokens: ReadonlyMap<string, User>,
): User | null {
  const [, token] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token !== undefined) return tokens.get(token) ?? null;
  if (headers.authorization !== undefined) return null;
  if (!socket.authorized) return ANONYMOUS;
  const subject = socket.getPeerCertificate().subject as
    | { readonly CN?: string; readonly O?: string | readonly string[] }
    | undefined;
  if (subject?.CN === undefined) return ANONYMOUS;
  return { name: subject.CN, groups: [...[subject.O ?? []].flat(), "system:authenticated"] };
}

const READ_VERBS = new Set(["get", "list", "watch"]);

/** What anybody may read (the ClusterRole system:public-info-viewer). */
const PUBLIC = /^\/(?:healthz|livez|readyz|version)(?:\/|$)/;

/** What any known user may read besides (system:discovery). */
const DISCOVERY = /^\/(?:api|apis|openapi)(?:\/|$)/;

export interface Attributes {
  readonly verb: string;
  readonly path: string;
  /** Null: not a resource's path. */
  readonly resource: {
    readonly group: string;
    readonly plural: string;
    readonly namespace: string | null;
    readonly name: string | null;
  } | null;
}

export function isAllowed(user: User, { verb, path, resource }: Attributes): boolean {
  if (user.groups.includes("system:masters")) return true;
  if (resource === null && PUBLIC.test(path)) return true;
  if (!user.groups.includes("system:authenticated")) return false;
  if (resource === null) return DISCOVERY.test(path) || path === "/metrics";
  return READ_VERBS.has(verb) || resource.plural.startsWith("selfsubject");
}

/** The message of a 403, word for word. */
export function forbiddenMessage(user: User, { verb, path, resource }: Attributes): string {
  if (resource === null) return `forbidden: User "${user.name}" cannot ${verb} path "${path}"`;
  const { group, plural, namespace, name } = resource;
  const what = group === "" ? plural : `${plural}.${group}`;
  const where = namespace === null ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const which = name === null ? "" : ` "${name}"`;
  return `${what}${which} is forbidden: User "${user.name}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`;
}
