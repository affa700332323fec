import type { NodeName } from "../model/observation.ts";
import { known, type Reading, unknown } from "../model/observed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { VoterView } from "../quorum/leader-view.ts";

/** Which of the voters runs on the node; null when its member has no vote. Unknown when the two cannot be matched. */
export function ownVoter(snapshot: Snapshot, name: NodeName, voters: readonly VoterView[]): Reading<VoterView | null> {
  const own = snapshot.nodes.find(({ node }) => node === name)?.ownMember ?? null;
  if (own === null) return unknown("not-read-yet", `the dqlite member of ${name} is not known`);
  const id = snapshot.members[own]?.member.id ?? null;
  const voter = voters.find((one) => (id === null ? one.address === own : one.id === id)) ?? null;
  // Without its id a member that the list spells otherwise may be any of the voters.
  if (voter !== null || id !== null) return known(voter);
  return unknown("not-read-yet", `which voter ${own} on ${name} is, or whether it is one, is not known`);
}
