import { describe, expect, test } from "vitest";
import { unknown } from "../../model/observed.ts";
import { TestCluster } from "../../test-cluster.ts";
import { memberOf } from "../../test-node.ts";
import { ASKING_MS, LEADERLESS_MS, MEMBER_SILENT_MS, quorumRung } from "./index.ts";

const [N1, N2, N3] = ["node-1", "node-2", "node-3"] as const;
const ALL = [N1, N2, N3] as const;

function everywhere(cluster: TestCluster): readonly string[] {
  return ALL.map((node) => cluster.says("quorum", node));
}

/** A cluster of three voters of which each answers as given. */
function voters(...members: (number | "none" | "connection-refused" | "deadline" | "unreachable")[]): TestCluster {
  const cluster = new TestCluster({}, members.length).run(5);
  for (const [index, member] of members.entries()) cluster.change(`node-${index + 1}`, { member });
  return cluster;
}

describe("ok", () => {
  test("while a majority of voters names one leader that names itself", () => {
    const cluster = new TestCluster().run(5);
    expect(everywhere(cluster)).toEqual(["ok leader", "ok leader", "ok leader"]);
    expect(cluster.verdict("quorum", N2).message).toBe(
      "leader 198.51.100.11:19001 is named by 3 of 3 voters and names itself",
    );
  });

  test.each(["stand-by", "spare"] as const)("for a %s, which always names none and has no vote", (role) => {
    const cluster = new TestCluster({}, 5);
    cluster.change("node-4", { role }).change("node-5", { role }).run(60);
    expect(cluster.says("quorum", "node-4")).toBe("ok leader");
    expect(cluster.verdict("quorum", N1).message).toContain("named by 3 of 3 voters");
  });

  test("during an election that ends in time", () => {
    const cluster = voters("none", "none", "none").run(5);
    cluster.changeAll({ member: 1 }).run(1);
    expect(everywhere(cluster)).toEqual(["ok leader", "ok leader", "ok leader"]);
  });
});

describe("degraded, never broken", () => {
  test("on the nodes that still have a leader while one voter is down", () => {
    const cluster = voters(0, 0, "connection-refused").run(60);
    expect(everywhere(cluster)).toEqual(["degraded voter-missing", "degraded voter-missing", "broken member-down"]);
    expect(cluster.verdict("quorum", N1).message).toContain("198.51.100.13:19001 is down (connection-refused)");
  });

  test("does not blame a voter that is a moment late after an election", () => {
    const cluster = voters(0, 0, "none");
    expect(cluster.history(LEADERLESS_MS / 1000 - 0.5, "quorum", N3).at(-1)).toBe("degraded names-none");
    expect(cluster.says("quorum", N1)).toBe("ok leader");
  });
});

describe("unknown at first, then degraded", () => {
  test("while a voter whose own node cannot be reached was not asked yet", () => {
    const { snapshot } = new TestCluster().run(10);
    const { "198.51.100.13:19001": _, ...members } = snapshot.members;
    const judge = (afterMs: number) => {
      const [node] = snapshot.nodes;
      if (node === undefined) throw new Error("no node");
      return quorumRung.judge({ ...snapshot, members, startedAtMs: snapshot.nowMs - afterMs }, node);
    };
    expect(judge(ASKING_MS - 1)).toMatchObject({
      state: "unknown",
      reason: "voter-not-asked",
      waitingFor: "every voter to be asked",
      message: expect.stringContaining("not asked yet: 198.51.100.13:19001"),
    });
    expect(judge(ASKING_MS)).toMatchObject({ state: "degraded", reason: "voter-missing" });
  });
});

describe("broken", () => {
  test("at once when two of three voters are down: quorum is lost", () => {
    const cluster = voters("none", "connection-refused", "connection-refused").run(1);
    expect(cluster.says("quorum", N1)).toBe("broken quorum-lost");
    expect(cluster.verdict("quorum", N1).message).toContain("1 of 3 voters can be up, 2 are needed");
  });

  test("although a lone ex-leader still names itself, as it does for up to 5 s", () => {
    const cluster = voters(0, "connection-refused", "connection-refused").run(1);
    expect(everywhere(cluster)).toEqual(["broken quorum-lost", "broken quorum-lost", "broken quorum-lost"]);
  });

  test("when no leader is named for longer than an election takes, and not before", () => {
    const cluster = voters("none", "none", "none");
    expect(cluster.run(LEADERLESS_MS / 1000).verdict("quorum", N2)).toMatchObject({
      state: "unknown",
      reason: "no-leader-named",
      waitingFor: "a leader: an election takes up to 7.5 s",
    });
    expect(cluster.run(1).says("quorum", N2)).toBe("broken no-leader-named");
  });

  test("when voters name different leaders for that long", () => {
    expect(voters(0, 1, 2).run(10).says("quorum", N1)).toBe("broken leaders-disagree");
  });

  test("on the node whose member is frozen, once it is silent for more than 3 s", () => {
    const cluster = voters(1, 1, "deadline");
    expect(cluster.run(MEMBER_SILENT_MS / 1000).says("quorum", N3)).toBe("unknown member-slow");
    expect(cluster.run(1).says("quorum", N3)).toBe("broken member-silent");
    expect(cluster.says("quorum", N1)).toBe("degraded voter-missing");
  });

  test("on a voter that is cut off from the others: it knows no leader, and they have one", () => {
    const cluster = voters(0, 0, "none").run(LEADERLESS_MS / 1000 + 2);
    expect(everywhere(cluster)).toEqual(["ok leader", "ok leader", "broken no-leader-here"]);
    cluster.change(N3, { store: "deadline" }).run(10);
    expect(cluster.cause(N3)).toMatchObject({ rung: "quorum", unknownBelow: [] });
  });
});

describe("not broken, but unknown", () => {
  test("before a member was asked", () => {
    expect(new TestCluster().verdict("quorum", N1)).toMatchObject({ state: "unknown", reason: "not-read-yet" });
  });

  test("when the list of members cannot be read", () => {
    const cluster = new TestCluster();
    cluster.see(N1, { kind: "member-list", reading: unknown("permission-denied", "cluster.yaml: permission denied") });
    expect(cluster.verdict("quorum", N1)).toMatchObject({ state: "unknown", reason: "permission-denied" });
  });

  test("while a frozen leader is still named by the others: they elect another one soon", () => {
    const cluster = voters("deadline", 0, 0);
    expect(cluster.run(6).says("quorum", N2)).toBe("unknown leader-not-confirmed");
    cluster.change(N2, { member: 1 }).change(N3, { member: 1 }).run(1);
    expect(everywhere(cluster)).toEqual(["broken member-silent", "degraded voter-missing", "degraded voter-missing"]);
  });

  test("when too few voters could be asked: they may well agree among themselves", () => {
    expect(voters(0, "unreachable", "unreachable").run(60).says("quorum", N1)).toBe("unknown too-few-asked");
  });

  test("when the node's own member could not be reached by us, however long", () => {
    const cluster = voters(0, 0, "unreachable").run(60);
    expect(cluster.says("quorum", N3)).toBe("unknown unreachable");
    cluster.change(N3, { member: "deadline" });
    expect(cluster.run(1).says("quorum", N3)).toBe("unknown member-slow");
  });

  test("for a node whose own member nobody could name, though the others are fine", () => {
    const cluster = new TestCluster({}, 2);
    const reading = new TestCluster({}, 2).run(1).snapshot.members[memberOf(0).address]?.reading;
    if (reading === undefined) throw new Error("no answer");
    cluster.see(N1, { kind: "dqlite", own: true, member: memberOf(0), reading });
    cluster.see(N1, { kind: "dqlite", own: false, member: memberOf(1), reading });
    expect(cluster.says("quorum", N1)).toBe("ok leader");
    expect(cluster.verdict("quorum", N2)).toMatchObject({ state: "unknown", reason: "member-not-asked" });
    cluster.see(N2, { kind: "member-list", reading: unknown("unreachable", "ssh: no route to host") });
    expect(cluster.verdict("quorum", N2)).toMatchObject({ state: "unknown", reason: "unreachable" });
  });
});

test("shows what each member named, with its address and time", () => {
  const cluster = voters(0, 0, "deadline").run(5);
  expect(cluster.verdict("quorum", N1).evidence.map(({ value }) => value)).toEqual([
    "names 198.51.100.11:19001",
    "names 198.51.100.11:19001",
    "no answer",
  ]);
});
