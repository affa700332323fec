import { askedMembers } from "../../history/fold.ts";
import type { MemberTrack, NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/verdict.ts";
import { type LeaderView, leaderView, type VoterView } from "../../quorum/leader-view.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";

/**
 * Without a usable leader for longer than this, no election is under way any more: the election timeout is 3 to 6 s,
 * and after a killed leader the next one was named within 5.4 to 7.5 s (measured, coarse).
 */
export const LEADERLESS_MS = 7500;

/**
 * A member that did not answer for this long is silent and not merely slow: its own deadline is 2 s. One that refuses is
 * given the same time, since a restart shows in systemd's answer only up to 2 s later.
 */
export const MEMBER_SILENT_MS = 3000;

/**
 * For so long after the start a voter that nobody has asked is not missing: members whose own node cannot be reached are
 * asked by another node 1.5 s after the first list of members was read, with a deadline of 2 s.
 */
export const ASKING_MS = 5000;

const SOURCE = "dqlite: a majority of voters must name the leader, and it must name itself";

/** Rung 2: do a majority of voters name one leader that names itself? */
export const quorumRung: Rung = {
  id: "quorum",
  question: "Do a majority of voters name one leader that names itself?",
  judge: (snapshot, node) => verdict("quorum", node, judge(snapshot, node)),
};

function judge(snapshot: Snapshot, node: NodeSnapshot): Judgement {
  const own = node.ownMember === null ? undefined : snapshot.members[node.ownMember];
  if (Object.keys(snapshot.members).length === 0) {
    const list = node.memberList;
    if (list?.known === false) {
      return {
        state: "unknown",
        reason: list.reason,
        message: `the list of members could not be read: ${list.detail}`,
      };
    }
    const message = "no dqlite member was asked yet";
    return { state: "unknown", reason: "not-read-yet", message, waitingFor: "the members' answers" };
  }
  const view = leaderView(askedMembers(snapshot));
  const evidence = memberEvidence(snapshot, node);
  if (view.state === "leader") return { ...judgeWithLeader(snapshot, node, own, view), evidence };
  return { ...judgeLeaderless(snapshot, own, view), evidence };
}

function judgeWithLeader(
  snapshot: Snapshot,
  node: NodeSnapshot,
  own: MemberTrack | undefined,
  view: Extract<LeaderView, { state: "leader" }>,
): Judgement {
  const leader = `leader ${view.leader.address} is named by ${view.namedBy} of ${view.voters.length} voters and names itself`;
  if (own === undefined) return judgeOwnUnknown(node, leader);
  const silent = judgeSilent(snapshot, own);
  if (silent !== null) return silent;
  if (own.namesNoneSinceMs !== null && isVoter(view, own))
    return judgeNamesNone(snapshot, own.namesNoneSinceMs, leader);
  const unasked = view.voters.filter((voter) => voter.answer === "not-asked" && voter.why === null);
  if (unasked.length > 0 && snapshot.nowMs - snapshot.startedAtMs < ASKING_MS) {
    const message = `${leader}; not asked yet: ${unasked.map(({ address }) => address).join(", ")}`;
    return { state: "unknown", reason: "voter-not-asked", message, waitingFor: "every voter to be asked" };
  }
  const missing = view.voters.filter((voter) => voter.answer === "down" || voter.answer === "not-asked");
  if (missing.length > 0) {
    const message = `${leader}, but ${missing.map(voterText).join(", ")}`;
    return { state: "degraded", reason: "voter-missing", message };
  }
  return { state: "ok", reason: "leader", message: leader };
}

/** The others have a leader, and what this node's own member says is not known: that is not health. */
function judgeOwnUnknown({ memberList }: NodeSnapshot, leader: string): Judgement {
  if (memberList?.known === false) {
    const message = `${leader}; which member is this node's could not be read: ${memberList.detail}`;
    return { state: "unknown", reason: memberList.reason, message };
  }
  const message = `${leader}; this node's own member was not asked`;
  return { state: "unknown", reason: "member-not-asked", message, waitingFor: "this node's member to be asked" };
}

/** This node's voter names nobody while the others have a leader: a moment after an election, or it is cut off. */
function judgeNamesNone(snapshot: Snapshot, sinceMs: number, leader: string): Judgement {
  const noneMs = snapshot.nowMs - sinceMs;
  if (noneMs > LEADERLESS_MS) {
    const message = `this node's voter has known no leader for ${ageText(noneMs)}: it is cut off from the others (${leader})`;
    return { state: "broken", reason: "no-leader-here", message };
  }
  return { state: "degraded", reason: "names-none", message: `${leader}, but this node's member names none` };
}

/** This node's own member does not answer while the cluster has a leader. */
function judgeSilent(snapshot: Snapshot, own: MemberTrack): Judgement | null {
  if (own.reading.known) return null;
  const silentMs = snapshot.nowMs - (own.silentSinceMs ?? snapshot.nowMs);
  const message = `this node's member does not answer (${own.reading.detail})`;
  const isRefused = own.reading.reason === "connection-refused";
  if (!isRefused && own.reading.reason !== "deadline") return { state: "unknown", reason: own.reading.reason, message };
  if (silentMs > MEMBER_SILENT_MS)
    return { state: "broken", reason: isRefused ? "member-down" : "member-silent", message };
  return { state: "unknown", reason: "member-slow", message, waitingFor: "this node's member to answer" };
}

function judgeLeaderless(
  snapshot: Snapshot,
  own: MemberTrack | undefined,
  view: Exclude<LeaderView, { state: "leader" }>,
): Judgement {
  const sinceMs = snapshot.nowMs - (snapshot.leaderlessSinceMs ?? snapshot.nowMs);
  const voters = view.voters.map(voterText).join(", ");
  const message = `no usable leader for ${ageText(sinceMs)} (${view.reason}): ${voters === "" ? "no list of voters was read" : voters}`;
  if (view.state === "none" && view.reason === "quorum-lost") {
    const up = view.voters.filter((voter) => voter.answer !== "down").length;
    const lost = `quorum is lost: ${up} of ${view.voters.length} voters can be up, ${view.majority} are needed; ${voters}`;
    return { state: "broken", reason: "quorum-lost", message: lost };
  }
  if (view.state === "none" && sinceMs > LEADERLESS_MS) return { state: "broken", reason: view.reason, message };
  const ownNoneMs = own?.namesNoneSinceMs == null ? 0 : snapshot.nowMs - own.namesNoneSinceMs;
  if (own !== undefined && ownNoneMs > LEADERLESS_MS && isVoter(view, own)) {
    const here = `this node's voter has known no leader for ${ageText(ownNoneMs)}; ${voters}`;
    return { state: "broken", reason: "no-leader-here", message: here };
  }
  const waitingFor = `a leader: an election takes up to ${ageText(LEADERLESS_MS)}`;
  return { state: "unknown", reason: view.reason, message, ...(sinceMs <= LEADERLESS_MS ? { waitingFor } : {}) };
}

function isVoter(view: LeaderView, own: MemberTrack): boolean {
  return view.voters.some((voter) => voter.address === own.member.address || voter.id === own.member.id);
}

function voterText(voter: VoterView): string {
  switch (voter.answer) {
    case "names":
      return voter.leaderId === voter.id ? `${voter.address} names itself` : `${voter.address} names a leader`;
    case "names-none":
      return `${voter.address} names none`;
    case "down":
      return `${voter.address} is down (${voter.why ?? "refused"})`;
    case "not-asked":
      return `${voter.address} did not answer (${voter.why ?? "not asked"})`;
  }
}

function memberEvidence(snapshot: Snapshot, node: NodeSnapshot): readonly Evidence[] {
  return Object.values(snapshot.members).map(({ member, reading }) => {
    const value = reading.known ? `names ${reading.value.leader?.address ?? "none"}` : reading.detail;
    const what = `dqlite Leader and Cluster of ${member.address}`;
    return { what, value, node: node.node, atMs: reading.observedAtMs, source: SOURCE };
  });
}
