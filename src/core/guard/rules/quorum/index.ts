import { askedMembers } from "../../../history/fold.ts";
import { ownVoter } from "../../../history/own-voter.ts";
import { leaderView } from "../../../quorum/leader-view.ts";
import { healthyAfterRestart, restartKeepsMajority, tolerates } from "../../../quorum/majority.ts";
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
  const target = ownVoter(snapshot, action.node, view.voters);
  if (!target.known) {
    const next = "check that cluster.yaml and info.yaml of the node's datastore can be read";
    return refuse("quorum", "member-unknown", target.detail, next);
  }
  const healthy = view.voters.filter((voter) => voter.leaderId === view.leader.id);
  const restartsHealthyVoter = healthy.some(({ id }) => id === target.value?.id);
  const question = { voters: view.voters.length, healthyVoters: healthy.length, restartsHealthyVoter };
  if (restartKeepsMajority(question)) return null;
  const left = healthyAfterRestart(question);
  const message = `${left} of ${question.voters} voters would be healthy during the restart, ${view.majority} are needed`;
  const next =
    tolerates(question.voters) === 0
      ? "with so few voters none can be spared: a restart is an outage of the whole control plane, which a person decides"
      : "wait until the other voters are back, then run it again";
  return refuse("quorum", "majority-lost", message, next);
}
