import { describe, expect, test } from "vitest";
import { healthyAfterRestart, majority, restartKeepsMajority, tolerates } from "./majority.ts";

/** voters, majority, tolerated failures: raft's table. */
const TABLE = [
  [0, 1, 0],
  [1, 1, 0],
  [2, 2, 0],
  [3, 2, 1],
  [4, 3, 1],
  [5, 3, 2],
  [6, 4, 2],
  [7, 4, 3],
] as const;

test.each(TABLE)("%i voters: majority %i, tolerates %i down", (voters, expectedMajority, expectedTolerated) => {
  expect(majority(voters)).toBe(expectedMajority);
  expect(tolerates(voters)).toBe(expectedTolerated);
});

/** For each number of voters: with so many down at most, one more healthy voter may be restarted (-1: never). */
const DOWN_MAX_FOR_RESTART = [
  [1, -1],
  [2, -1],
  [3, 0],
  [4, 0],
  [5, 1],
  [6, 1],
  [7, 2],
] as const;

describe.each(DOWN_MAX_FOR_RESTART)("%i voters", (voters, downMax) => {
  for (let down = 0; down <= voters; down += 1) {
    const healthyVoters = voters - down;
    if (healthyVoters > 0) {
      const allowed = down <= downMax;
      test(`${down} down: ${allowed ? "may" : "does not"} restart a healthy voter`, () => {
        expect(restartKeepsMajority({ voters, healthyVoters, restartsHealthyVoter: true })).toBe(allowed);
      });
    }
    const hasQuorum = healthyVoters * 2 > voters;
    test(`${down} down: ${hasQuorum ? "may" : "does not"} restart a member that is no healthy voter`, () => {
      expect(restartKeepsMajority({ voters, healthyVoters, restartsHealthyVoter: false })).toBe(hasQuorum);
    });
  }
});

test("the voter count does not shrink: two of three healthy, one of them restarted, leaves one of three", () => {
  const question = { voters: 3, healthyVoters: 2, restartsHealthyVoter: true };
  expect(healthyAfterRestart(question)).toBe(1);
  expect(restartKeepsMajority(question)).toBe(false);
});

test.each([
  { voters: -1, healthyVoters: 0, restartsHealthyVoter: false },
  { voters: 3.5, healthyVoters: 0, restartsHealthyVoter: false },
  { voters: 3, healthyVoters: 4, restartsHealthyVoter: false },
  { voters: 3, healthyVoters: 0, restartsHealthyVoter: true },
  { voters: Number.NaN, healthyVoters: 0, restartsHealthyVoter: false },
])("counts that cannot be are a bug of the caller: $voters voters, $healthyVoters healthy", (question) => {
  expect(() => healthyAfterRestart(question)).toThrow(RangeError);
});
