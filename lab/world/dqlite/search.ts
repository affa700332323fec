import { isLinked, isRunning, type Member, roundTripMs } from "./members.ts";
import { printLine } from "./lines.ts";
import type { ConnectorParts } from "./connector.ts";

/** go-dqlite's search for the leader: attempt after attempt, each asks all members. */
export interface Search {
  /** Begins it unless it is under way. */
  begin(): void;
}

/** go-dqlite's backoff between attempts: 100 ms, doubled up to 1 s. From the fourth on an attempt is about a second. */
const BACKOFF_MS = { first: 100, max: 1000 } as const;

/** go-dqlite's DialTimeout, which a node that is off or cut away costs. */
const DIAL_TIMEOUT_MS = 5000;

/** go-dqlite 3's AttemptTimeout, which a paused member costs: it takes the connection and never answers. Before: as a dial. */
const ATTEMPT_TIMEOUT_MS = 15_000;

/** TLS handshakes and two requests, besides the way. */
const PROBE_MS = 3;

/** What one member made of being asked. */
type Probe = { readonly leader: Member } | { readonly why: string; readonly ms: number };

export function createSearch(
  { network, raft, release, member, process }: ConnectorParts,
  { isWanted, found }: { readonly isWanted: () => boolean; readonly found: (leader: Member) => void },
): Search {
  let isUnderWay = false;

  function attempt(number: number): void {
    if (!isWanted()) {
      isUnderWay = false;
      return;
    }
    const lines: string[] = [];
    let longestMs = PROBE_MS;
    for (const server of asked()) {
      const probe = probeOf(server);
      if ("leader" in probe) {
        const { leader } = probe;
        const ms = roundTripMs(network, member, server) + roundTripMs(network, member, leader) + PROBE_MS;
        process.after(ms, () => arrive(leader, number));
        return;
      }
      lines.push(`[go-dqlite] attempt ${number}: server ${server.address}: ${probe.why}`);
      longestMs = Math.max(longestMs, probe.ms);
    }
    process.after(longestMs, () => fruitless(lines, number));
  }

  function arrive(leader: Member, number: number): void {
    if (raft.leads(leader) && isReached(leader)) {
      isUnderWay = false;
      found(leader);
    } else {
      again(number);
    }
  }

  function fruitless(lines: readonly string[], number: number): void {
    if (release.printsDriverWarnings) for (const line of lines) printLine(member.host, process, "warning", line);
    again(number);
  }

  function again(number: number): void {
    process.after(Math.min(BACKOFF_MS.first * 2 ** (number - 1), BACKOFF_MS.max), () => attempt(number + 1));
  }

  /** Those it knows, voters first. */
  function asked(): Member[] {
    const known = member.servers.flatMap(({ id }) => raft.members.find((other) => other.id === id) ?? []);
    return [...known.filter(({ role }) => role === "voter"), ...known.filter(({ role }) => role !== "voter")];
  }

  const isReached = (other: Member) => other === member || isLinked(network, member, other);

  /** Why no connection to it comes about; null when one does, and it answers. */
  function deaf(server: Member): { readonly why: string; readonly ms: number } | null {
    const dial = `dial: dial tcp ${server.address}`;
    if (!isReached(server)) return { why: `${dial}: i/o timeout`, ms: DIAL_TIMEOUT_MS };
    if (server.process === null) return { why: `${dial}: connect: connection refused`, ms: 0 };
    if (isRunning(server)) return null;
    const why = `call leader (budget 14.99s): receive: header: read tcp ${server.address}: i/o timeout`;
    return { why, ms: release.triesLastLeaderFirst ? ATTEMPT_TIMEOUT_MS : DIAL_TIMEOUT_MS };
  }

  /** It is asked who leads, and whoever it names is asked the same. */
  function probeOf(server: Member): Probe {
    const failed = deaf(server);
    if (failed !== null) return failed;
    const named = server.role === "voter" ? server.belief : null;
    if (named === null) return { why: "no known leader", ms: 0 };
    const deafLeader = deaf(named);
    if (deafLeader !== null) return deafLeader;
    return raft.leads(named) ? { leader: named } : { why: "reported leader server is not the leader", ms: 0 };
  }

  return {
    begin: () => {
      if (isUnderWay) return;
      isUnderWay = true;
      attempt(1);
    },
  };
}
