import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../model/observation.ts";
import { leaderView } from "./leader-view.ts";
import { majority } from "./majority.ts";
import type { AskedMember, ListedServer } from "./member.ts";

/** Above 2^53 and different from its neighbours only in the last digits, as real ids are. */
const BASE_ID = 3297041220608546230n;

function idOf(index: number): string {
  return String(BASE_ID + BigInt(index));
}

function listOf(voters: number): ListedServer[] {
  return Array.from({ length: voters }, (_, index) => ({
    id: idOf(index),
    address: `198.51.100.${11 + index}:19001`,
    role: "voter",
  }));
}

type Word = number | "none" | "refused" | "deadline" | "unreachable";

/** Each word is what voter i answers: the index it names, none, or why it was not read. */
function cluster(words: readonly Word[], servers = listOf(words.length)): AskedMember[] {
  return words.map((word, index) => {
    const member = { id: idOf(index), address: `node-${index}:19001` };
    if (word === "refused") return { member, reading: { known: false, reason: "connection-refused", detail: "" } };
    if (word === "deadline" || word === "unreachable") {
      return { member, reading: { known: false, reason: word, detail: "" } };
    }
    const leader = word === "none" ? null : { id: idOf(word), address: `other-spelling-${word}:19001` };
    return { member, reading: { known: true, value: { address: member.address, leader, servers } } };
  });
}

function verdict(members: readonly AskedMember[]): string {
  const view = leaderView(members);
  return view.state === "leader"
    ? `leader ${view.leader.id.slice(-1)} by ${view.namedBy}`
    : `${view.state} ${view.reason}`;
}

describe("three voters", () => {
  const CASES: readonly (readonly [readonly Word[], string])[] = [
    [[0, 0, 0], "leader 0 by 3"],
    [[1, 1, 1], "leader 1 by 3"],
    [[0, 0, "refused"], "leader 0 by 2"],
    [[0, 0, "deadline"], "leader 0 by 2"],
    [[0, 0, 2], "leader 0 by 2"],
    [["none", "none", "none"], "none no-leader-named"],
    [["none", "none", "refused"], "none no-leader-named"],
    [[0, 1, 2], "none leaders-disagree"],
    [[0, 1, "none"], "none leaders-disagree"],
    // A lone ex-leader names itself for up to 5 s.
    [[0, "refused", "refused"], "none quorum-lost"],
    [["none", "refused", "refused"], "none quorum-lost"],
    [["refused", "refused", "refused"], "unknown no-list"],
    // Frozen or cut off: they may well agree among themselves.
    [[0, "deadline", "deadline"], "unknown too-few-asked"],
    [["none", "unreachable", "unreachable"], "unknown too-few-asked"],
    [["none", "none", "deadline"], "none no-leader-named"],
    [[0, "none", "deadline"], "unknown too-few-asked"],
    // A majority names one that did not confirm it.
    [["deadline", 0, 0], "unknown leader-not-confirmed"],
    [["refused", 0, 0], "none leader-down"],
    [["none", 0, 0], "none leader-denies"],
    [[1, 0, 0], "none leader-denies"],
    [["deadline", 0, "refused"], "unknown too-few-asked"],
    [["refused", 0, "deadline"], "none leaders-disagree"],
  ];
  test.each(CASES)("%j: %s", (words, expected) => {
    expect(verdict(cluster(words))).toBe(expected);
  });
});

test.each([
  [[0], "leader 0 by 1"],
  [["none"], "none no-leader-named"],
  [[0, "refused"], "none quorum-lost"],
  [[0, "deadline"], "unknown too-few-asked"],
  [[0, 0], "leader 0 by 2"],
  [[0, 0, 0, "refused"], "leader 0 by 3"],
  [[0, 0, "none", "none"], "none leaders-disagree"],
  [[3, 3, "none", 3, 3], "leader 3 by 4"],
  [[0, 0, "none", "deadline", "deadline"], "unknown too-few-asked"],
  [[0, 0, 1, 1, "refused"], "none leaders-disagree"],
] as const satisfies readonly (readonly [readonly Word[], string])[])("%j: %s", (words, expected) => {
  expect(verdict(cluster(words))).toBe(expected);
});

test("only voters count: stand-bys and spares always name none", () => {
  const servers: ListedServer[] = [
    ...listOf(3),
    { id: idOf(3), address: "d:1", role: "stand-by" },
    { id: idOf(4), address: "e:1", role: "spare" },
  ];
  const view = leaderView(cluster([0, 0, 0, "none", "refused"], servers));
  expect(view).toMatchObject({ state: "leader", namedBy: 3, majority: 2 });
  expect(view.voters.map((voter) => voter.id)).toEqual([idOf(0), idOf(1), idOf(2)]);
});

test("a stand-by that names somebody does not make a majority", () => {
  const servers: ListedServer[] = [...listOf(3), { id: idOf(3), address: "d:1", role: "stand-by" }];
  expect(verdict(cluster([0, "none", "none", 0], servers))).toBe("none leaders-disagree");
});

test("voters come from more than half of the lists, so one stale list changes nothing", () => {
  const members = cluster([0, 0, 0]);
  const stale = cluster([0, 0, 0], listOf(1))[2];
  expect(verdict([...members.slice(0, 2), ...(stale ? [stale] : [])])).toBe("leader 0 by 3");
});

test("two lists that disagree are no configuration", () => {
  const [first] = cluster([0, 0, 0]);
  const [, second] = cluster([0, 0], listOf(2));
  expect(verdict([first, second].flatMap((member) => (member ? [member] : [])))).toBe("unknown lists-disagree");
});

test("a node that never joined lists nobody, and its list is not counted", () => {
  expect(verdict(cluster(["none"], []))).toBe("unknown no-list");
});

test("a leader that the agreed list does not have as a voter is not believed", () => {
  expect(verdict(cluster([5, 5, 5]))).toBe("unknown leader-not-a-voter");
});

test("without an own id the asked address is looked up in the list", () => {
  const servers = listOf(3);
  const members = cluster([0, 0, 0], servers).map(({ reading }, index): AskedMember => {
    if (!reading.known) return { reading };
    return { reading: { known: true, value: { ...reading.value, address: servers[index]?.address ?? "" } } };
  });
  expect(verdict(members)).toBe("leader 0 by 3");
});

test("a member whose id cannot be told is not taken for a voter", () => {
  const members = cluster([0, 0, 0]).map(({ reading }) => ({ reading }));
  expect(verdict(members)).toBe("unknown too-few-asked");
});

test("asked twice, the later answer counts", () => {
  expect(verdict([...cluster([0, 0, 0]), ...cluster([1, 1, 1])])).toBe("leader 1 by 3");
});

test("says for each voter what it answered and why it was not read", () => {
  const { voters } = leaderView(cluster([0, "deadline", "refused"]));
  expect(voters.map(({ answer, leaderId, why }) => [answer, leaderId, why])).toEqual([
    ["names", idOf(0), null],
    ["not-asked", null, "deadline"],
    ["down", null, "connection-refused"],
  ]);
});

test("a dqlite observation of the model fits as it is", () => {
  const observation = {
    kind: "dqlite",
    node: "n1",
    atMs: 0,
    own: true,
    member: { id: idOf(0), address: "a" },
    reading: { known: true, value: { address: "a", leader: null, servers: listOf(1) } },
  } as const satisfies Observation;
  expect(verdict([observation])).toBe("none no-leader-named");
});

const wordArb = fc.oneof(
  fc.constantFrom<Word>("none", "refused", "deadline", "unreachable"),
  fc.integer({ min: 0, max: 6 }),
);
const wordsArb = fc.array(wordArb, { minLength: 1, maxLength: 7 });

test("a leader is only ever one that a majority of all voters names and that names itself", () => {
  fc.assert(
    fc.property(wordsArb, (words) => {
      const view = leaderView(cluster(words));
      if (view.state !== "leader") return;
      const index = Number(BigInt(view.leader.id) - BASE_ID);
      expect(words[index]).toBe(index);
      expect(words.filter((word) => word === index).length).toBeGreaterThanOrEqual(majority(words.length));
    }),
  );
});

test("`none` is never said when the voters that were not asked could make it a leader", () => {
  fc.assert(
    fc.property(wordsArb, fc.integer({ min: 0, max: 6 }), (words, leader) => {
      if (leaderView(cluster(words)).state !== "none") return;
      const filled = words.map((word) => (word === "deadline" || word === "unreachable" ? leader : word));
      expect(leaderView(cluster(filled)).state).not.toBe("leader");
    }),
  );
});
