import type { DqliteMember } from "../../../src/core/model/observation.ts";
import { majority } from "../../../src/core/quorum/majority.ts";
import { newestLockRead, type QuorateEvent, type ReadLog, type ReadNote } from "../../quorate/events.ts";
import { type Invariant, type Violation, violation } from "../invariant.ts";

type Asked = Extract<QuorateEvent, { kind: "restart-asked" }>;

/** Law 3. Whatever a restart must rest on was known when it was asked for: the world's own answers count, not the program's view of them. */
export const unknownRefuses: Invariant = {
  id: "unknown-refuses",
  title: "no restart while something that it must rest on is unknown",
  law: 3,
  create: ({ quorates }) => ({
    onEvent: (event) => {
      if (event.kind !== "restart-asked") return null;
      const nodes = quorates.find(({ name }) => name === event.quorate)?.nodes ?? [];
      return judgeUnits(event, nodes) ?? judgeOwn(event) ?? judgeLock(event, nodes) ?? judgeVoters(event);
    },
  }),
};

function judgeUnits(event: Asked, nodes: readonly string[]): Violation | null {
  for (const node of nodes) {
    for (const role of ["datastore", "kubelite"]) {
      const unread = whyUnknown(event, `${node} unit ${role}`);
      if (unread !== null) return unread;
    }
  }
  return null;
}

function judgeOwn(event: Asked): Violation | null {
  for (const what of ["marker", "store"]) {
    const unread = whyUnknown(event, `${event.node} ${what}`);
    if (unread !== null) return unread;
  }
  return null;
}

function judgeLock({ quorate, node, reads }: Asked, nodes: readonly string[]): Violation | null {
  if (newestLockRead(reads, nodes) !== null) return null;
  return violation(`${quorate} asked for a restart on ${node} while the lock was unknown`);
}

function whyUnknown({ quorate, node, reads }: Asked, key: string): Violation | null {
  const read = reads.get(key);
  if (read?.known === true) return null;
  const why = read === undefined ? "never read" : String(read.value);
  return violation(`${quorate} asked for a restart on ${node} while "${key}" was unknown (${why})`);
}

/** A majority of voters named one leader when they were last asked. */
function judgeVoters({ quorate, node, request, reads }: Asked): Violation | null {
  if (request.role !== "datastore") return null;
  const answers = memberAnswers(reads);
  const servers = answers[0]?.servers ?? [];
  const voters = servers.filter(({ role }) => role === "voter");
  const named = new Map<string, number>();
  for (const { address, leader } of answers) {
    const isVoter = voters.some((voter) => voter.address === address);
    if (leader !== null && isVoter) named.set(leader.id, (named.get(leader.id) ?? 0) + 1);
  }
  const most = Math.max(0, ...named.values());
  if (voters.length > 0 && most >= majority(voters.length)) return null;
  return violation(
    `${quorate} asked for a restart on ${node} while ${most} of ${voters.length} voters had named one leader`,
  );
}

function memberAnswers(reads: ReadLog): readonly DqliteMember[] {
  return [...reads].flatMap(([key, note]: readonly [string, ReadNote]) =>
    key.startsWith("member ") && note.known ? [note.value as DqliteMember] : [],
  );
}
