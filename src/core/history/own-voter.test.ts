import { expect, test } from "vitest";
import { leaderView } from "../quorum/leader-view.ts";
import { known, unknown } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { memberAddress, memberId, memberOf } from "../test-node.ts";
import { askedMembers } from "./fold.ts";
import { ownVoter } from "./own-voter.ts";

function ask({ snapshot }: TestCluster, node = "node-2") {
  return ownVoter(snapshot, node, leaderView(askedMembers(snapshot)).voters);
}

test("a node's voter is found by its id, and a member without a vote is none", () => {
  expect(ask(new TestCluster().run(1))).toMatchObject(known({ id: memberId(1), answer: "names" }));
  expect(ask(new TestCluster().change("node-2", { role: "stand-by" }).run(1))).toEqual(known(null));
});

test("a voter that is down is still this node's", () => {
  const cluster = new TestCluster().change("node-2", { member: "connection-refused" }).run(1);
  expect(ask(cluster)).toMatchObject(known({ id: memberId(1), answer: "down" }));
});

test("without an id it is found by its address, and not taken for no voter when the list spells that otherwise", () => {
  const servers = [0, 1, 2].map((index) => ({ ...memberOf(index), role: "voter" as const }));
  const reading = known({ address: "", leader: memberOf(0), servers });
  const named = (address: string) =>
    new TestCluster().see("node-2", { kind: "dqlite", own: true, member: { id: null, address }, reading });
  expect(ask(named(memberAddress(1)))).toMatchObject(known({ id: memberId(1) }));
  expect(ask(named("127.0.0.1:19001"))).toEqual(
    unknown("not-read-yet", "which voter 127.0.0.1:19001 on node-2 is, or whether it is one, is not known"),
  );
});

test("a node whose member is not known has an unknown voter", () => {
  expect(ask(new TestCluster().run(1), "node-9")).toMatchObject({ known: false });
});
