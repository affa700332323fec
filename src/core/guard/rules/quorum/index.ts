import { askedMembers } from "../../../history/fold.ts";
import { leaderView, type VoterView } from "../../../quorum/leader-view.ts";
import { healthyAfterRestart, restartKeepsMajority } from "../../../quorum/majority.ts";
import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/** Law 1: never, by our hand, fewer healthy voters than a majority of all voters. */
export const quorumRule: Rule = { id: "quorum", keeps: "a majority of healthy voters during the restart", judge };

function judge({ snapshot, action }: GuardContext) {
  if (action.role !== "datastore") return null;
  const view = leaderView(askedMembers(snapshot));
  if (view.state !== "leader") {
    const reason = view.state === "none" ? "no-usable-leader" : "leader-unknown";
    const message = `no usable leader is known (${view.reason}), so no voter may be restarted`;
    return refuse("quorum", reason, message, "bring the voters back first; quorate leaders shows who is missing");
  }
  const own = snapshot.nodes.find((node) => node.node === action.node)?.ownMember ?? null;
  if (own === null) {
    const message = `the dqlite member of ${action.node} is not known`;
    return refuse("quorum", "member-unknown", message, "check that the datastore's files on the node can be read");
  }
  const target = snapshot.members[own]?.member.id ?? null;
  const isTarget = (voter: VoterView) => (target === null ? voter.address === own : voter.id === target);
  if (target === null && !view.voters.some(isTarget)) {
    const message = `which voter ${own} on ${action.node} is, or whether it is one, is not known`;
    return refuse("quorum", "member-unknown", message, "check that info.yaml of the node's datastore can be read");
  }
  const healthy = view.voters.filter((voter) => voter.leaderId === view.leader.id);
  const restartsHealthyVoter = healthy.some(isTarget);
  const question = { voters: view.voters.length, healthyVoters: healthy.length, restartsHealthyVoter };
  if (restartKeepsMajority(question)) return null;
  const left = healthyAfterRestart(question);
  const message = `${left} of ${question.voters} voters would be healthy during the restart, ${view.majority} are needed`;
  return refuse("quorum", "majority-lost", message, "wait until the other voters are back, then run it again");
}
