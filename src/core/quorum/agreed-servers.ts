import type { ListedServer, MemberSays } from "./member.ts";

export type AgreedServers =
  | {
      readonly agreed: true;
      readonly servers: readonly ListedServer[];
      readonly lists: number;
      readonly agreeing: number;
    }
  | { readonly agreed: false; readonly reason: "no-list" | "lists-disagree"; readonly lists: number };

/**
 * The configuration that more than half of the lists show, compared by the ids of their voters. One member's list may
 * be stale: it is answered from local memory, also without quorum. Empty lists (a node that never joined) and lists
 * without a voter say nothing and are not counted.
 */
export function agreedServers(members: readonly MemberSays[]): AgreedServers {
  const groups = new Map<string, { servers: readonly ListedServer[]; count: number }>();
  let lists = 0;
  for (const member of members) {
    const key = votersKey(member.servers);
    if (key === "") continue;
    lists += 1;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { servers: member.servers, count: 1 });
    else group.count += 1;
  }
  if (lists === 0) return { agreed: false, reason: "no-list", lists };
  for (const group of groups.values()) {
    if (group.count * 2 > lists) return { agreed: true, servers: group.servers, lists, agreeing: group.count };
  }
  return { agreed: false, reason: "lists-disagree", lists };
}

function votersKey(servers: readonly ListedServer[]): string {
  const ids = new Set(servers.filter((server) => server.role === "voter").map((server) => server.id));
  return [...ids].sort().join(" ");
}
