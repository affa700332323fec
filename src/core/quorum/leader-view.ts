import { agreedServers } from "./agreed-servers.ts";
import { majority } from "./majority.ts";
import type { AskedMember, ListedServer, MemberReading, MemberSays } from "./member.ts";
import { ownId } from "./member.ts";

/** What is known of one voter: it names somebody (perhaps itself), names none, is down, or could not be asked. */
export interface VoterView {
  readonly id: string;
  readonly address: string;
  readonly answer: "names" | "names-none" | "down" | "not-asked";
  /** Id of the leader it names; null unless `answer` is `names`. */
  readonly leaderId: string | null;
  /** Why it could not be asked, for example `deadline`; null when it answered or was never tried. */
  readonly why: string | null;
}

export interface VotersView {
  readonly voters: readonly VoterView[];
  /** `floor(voters / 2) + 1`; 0 while the voters are not known. */
  readonly majority: number;
}

/** Why there is no usable leader. Stable words. */
export type NoLeaderReason =
  /** So many voters are down (nobody listens) that the rest is no majority. */
  | "quorum-lost"
  /** A majority could still vote, and no voter names anybody: an election is running. */
  | "no-leader-named"
  /** Voters name different leaders, none of them by a majority. */
  | "leaders-disagree"
  /** A majority names a leader that is down. */
  | "leader-down"
  /** A majority names a leader that does not name itself. */
  | "leader-denies";

/** Why it cannot be told whether there is one. Stable words. */
export type UnknownLeaderReason =
  /** No member answered with a list that has voters. */
  | "no-list"
  /** No configuration is shown by more than half of the lists. */
  | "lists-disagree"
  /** A majority names a leader that could not be asked: a frozen process accepts connections and never answers. */
  | "leader-not-confirmed"
  /** A majority names a member that is not a voter in the agreed list: one of the two is stale. */
  | "leader-not-a-voter"
  /** The voters that could not be asked could make a majority. */
  | "too-few-asked";

export type LeaderView = VotersView &
  (
    | {
        readonly state: "leader";
        readonly leader: { readonly id: string; readonly address: string };
        readonly namedBy: number;
      }
    | { readonly state: "none"; readonly leader: null; readonly reason: NoLeaderReason }
    | { readonly state: "unknown"; readonly leader: null; readonly reason: UnknownLeaderReason }
  );

/**
 * The usable leader: a majority of all voters names it and it names itself, compared by id. Three-valued: voters that
 * could not be asked are neither yes nor no, and a refused connection is knowledge (nobody listens: that voter is down).
 * When a member is given twice, the later answer counts. The rule is go-dqlite's connector's ("reported leader server is
 * not the leader") with a majority on top, because a lone ex-leader names itself for up to 5 s (measured).
 */
export function leaderView(members: readonly AskedMember[]): LeaderView {
  const says = members.flatMap(({ reading }): MemberSays[] => (reading.known ? [reading.value] : []));
  const agreed = agreedServers(says);
  if (!agreed.agreed) return { ...untold(agreed.reason), voters: [], majority: 0 };
  const voters = viewVoters(agreed.servers, members);
  const view: VotersView = { voters, majority: majority(voters.length) };
  const [named, namedBy] = mostNamed(voters);
  if (named === null || namedBy < view.majority) return { ...view, ...withoutMajority(view) };
  const leader = voters.find((voter) => voter.id === named);
  if (leader === undefined) return { ...view, ...untold("leader-not-a-voter") };
  if (leader.answer === "not-asked") return { ...view, ...untold("leader-not-confirmed") };
  if (leader.answer === "down") return { ...view, ...none("leader-down") };
  if (leader.leaderId !== leader.id) return { ...view, ...none("leader-denies") };
  return { ...view, state: "leader", leader: { id: leader.id, address: leader.address }, namedBy };
}

type NoLeader =
  | { readonly state: "none"; readonly leader: null; readonly reason: NoLeaderReason }
  | { readonly state: "unknown"; readonly leader: null; readonly reason: UnknownLeaderReason };

function none(reason: NoLeaderReason): NoLeader {
  return { state: "none", leader: null, reason };
}

function untold(reason: UnknownLeaderReason): NoLeader {
  return { state: "unknown", leader: null, reason };
}

function withoutMajority({ voters, majority }: VotersView): NoLeader {
  const down = voters.filter((voter) => voter.answer === "down").length;
  if (voters.length - down < majority) return none("quorum-lost");
  const notAsked = voters.filter((voter) => voter.answer === "not-asked").length;
  const couldLead = voters.some((voter) => {
    const confirmable = voter.answer === "not-asked" || voter.leaderId === voter.id;
    return confirmable && countNaming(voters, voter.id) + notAsked >= majority;
  });
  if (couldLead) return untold("too-few-asked");
  const isNamed = voters.some((voter) => voter.answer === "names");
  return none(isNamed ? "leaders-disagree" : "no-leader-named");
}

function viewVoters(servers: readonly ListedServer[], members: readonly AskedMember[]): VoterView[] {
  const readings = new Map<string, MemberReading>();
  for (const asked of members) {
    const id = ownId(asked, servers);
    if (id !== null) readings.set(id, asked.reading);
  }
  const voters = new Map<string, VoterView>();
  for (const { id, address, role } of servers) {
    if (role === "voter") voters.set(id, { id, address, ...answerOf(readings.get(id)) });
  }
  return [...voters.values()];
}

function answerOf(reading: MemberReading | undefined): Pick<VoterView, "answer" | "leaderId" | "why"> {
  if (reading === undefined) return { answer: "not-asked", leaderId: null, why: null };
  if (!reading.known) {
    const answer = reading.reason === "connection-refused" ? "down" : "not-asked";
    return { answer, leaderId: null, why: reading.reason };
  }
  const leaderId = reading.value.leader?.id ?? null;
  return { answer: leaderId === null ? "names-none" : "names", leaderId, why: null };
}

/** The id that most voters name, and how many do; a tie is never a majority, so which one is named first is all the same. */
function mostNamed(voters: readonly VoterView[]): [string | null, number] {
  let best: [string | null, number] = [null, 0];
  for (const { leaderId } of voters) {
    if (leaderId === null) continue;
    const count = countNaming(voters, leaderId);
    if (count > best[1]) best = [leaderId, count];
  }
  return best;
}

function countNaming(voters: readonly VoterView[], leaderId: string): number {
  return voters.filter((voter) => voter.leaderId === leaderId).length;
}
