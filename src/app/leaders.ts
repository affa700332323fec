import { askedMembers } from "../core/history/fold.ts";
import { ageText } from "../core/ladder/rung.ts";
import type { LeaseRead } from "../core/model/observation.ts";
import type { Observed } from "../core/model/observed.ts";
import type { Snapshot } from "../core/model/snapshot.ts";
import type { RungState } from "../core/model/verdict.ts";
import { type LeaderView, leaderView } from "../core/quorum/leader-view.ts";
import { LEADER_LEASES } from "./observe-node.ts";

export interface LeaderRow {
  /** `dqlite`, or the Lease's name. */
  readonly what: string;
  /** A member's address, or a Lease's holderIdentity. */
  readonly who: string;
  /** `leader`, `voter`, `stand-by`, `spare`, or `holder`. */
  readonly role: string;
  readonly detail: string;
}

export interface LeaderTable {
  readonly rows: readonly LeaderRow[];
  /** ok: dqlite has one usable leader and every Lease that exists has a holder whose time runs. */
  readonly state: RungState;
  readonly message: string;
  /** Whether more time would change the answer: every member and Lease was read, and a leader is usable. */
  readonly decided: boolean;
}

/** dqlite's leader and roles and the Lease holders, from one snapshot; right also during an election (then: none). */
export function leaders(snapshot: Snapshot): LeaderTable {
  const view = leaderView(askedMembers(snapshot));
  const leases = LEADER_LEASES.map((name) => ({ name, lease: newestLease(snapshot, name) }));
  const rows = [...memberRows(snapshot, view), ...leases.map(({ name, lease }) => leaseRow(snapshot, name, lease))];
  const state: RungState = view.state === "leader" ? "ok" : view.state === "none" ? "broken" : "unknown";
  const message =
    view.state === "leader"
      ? `${view.leader.address} leads dqlite: named by ${view.namedBy} of ${view.voters.length} voters, itself among them`
      : view.state === "none"
        ? `dqlite has no usable leader (${view.reason})`
        : `whether dqlite has a usable leader is not known (${view.reason})`;
  const asked =
    snapshot.nodes.every((node) => node.ownMember !== null) &&
    view.voters.every((voter) => voter.answer !== "not-asked");
  const decided = view.state === "leader" && asked && leases.every(({ lease }) => lease !== null);
  return { rows, state, message, decided };
}

function memberRows(snapshot: Snapshot, view: LeaderView): readonly LeaderRow[] {
  const leaderId = view.state === "leader" ? view.leader.id : null;
  return Object.values(snapshot.members)
    .map(({ member, reading }): LeaderRow => {
      const listed = listedRole(snapshot, member.address);
      const role = member.id !== null && member.id === leaderId ? "leader" : listed;
      const detail = reading.known
        ? `names ${reading.value.leader?.address ?? "none"}`
        : `${reading.reason}: ${reading.detail}`;
      return { what: "dqlite", who: member.address, role, detail };
    })
    .sort((a, b) => (a.who < b.who ? -1 : 1));
}

function listedRole(snapshot: Snapshot, address: string): string {
  for (const { reading } of Object.values(snapshot.members)) {
    const server = reading.known ? reading.value.servers.find((one) => one.address === address) : undefined;
    if (server !== undefined) return server.role;
  }
  return "unknown";
}

type SeenLease = Observed<LeaseRead> | null;

/** The known reading with the highest resourceVersion; else any unknown one; null before the first. */
function newestLease(snapshot: Snapshot, name: string): SeenLease {
  const seen = snapshot.nodes.flatMap((node) => node.leases[name] ?? []);
  return seen.toSorted((a, b) => versionOf(b) - versionOf(a))[0] ?? null;
}

function versionOf(lease: Observed<LeaseRead>): number {
  return lease.known ? Number(lease.value.resourceVersion) : -1;
}

function leaseRow(snapshot: Snapshot, name: string, lease: SeenLease): LeaderRow {
  if (lease === null) return { what: name, who: "unknown", role: "holder", detail: "not read yet" };
  if (!lease.known) return { what: name, who: "unknown", role: "holder", detail: lease.detail };
  const { holderIdentity, renewAtMs, serverAtMs, leaseDurationSeconds, leaseTransitions } = lease.value;
  // Our own clock may be wrong by hours: it only tells how long ago the read was.
  const readAtMs = serverAtMs ?? lease.observedAtMs;
  const ageMs = renewAtMs === null ? null : readAtMs - renewAtMs + (snapshot.nowMs - lease.observedAtMs);
  const expired = ageMs !== null && leaseDurationSeconds !== null && ageMs > leaseDurationSeconds * 1000;
  const renewed = ageMs === null ? "never renewed" : `renewed ${ageText(Math.max(0, ageMs))} ago by the holder's clock`;
  const detail = `${expired ? "EXPIRED, " : ""}${renewed}, ${leaseDurationSeconds ?? "?"} s, ${leaseTransitions ?? 0} transitions`;
  return { what: name, who: holderIdentity ?? "none", role: "holder", detail };
}
