import { describe, expect, test } from "vitest";
import { known, unknown } from "../../../model/observed.ts";
import { contextOf, deadFeed } from "../../test-context.ts";
import { lockRule } from "./index.ts";

const cluster = deadFeed();
const ME = "quorate/run-1";

function reason(holder: string | null, token: number, ours: number | null): string | null {
  const lock = { ...known({ holder, token }), observedAtMs: cluster.nowMs };
  return lockRule.judge(contextOf(cluster, { lock, self: { holder: ME, token: ours } }))?.reason ?? null;
}

describe("permits", () => {
  test.each([
    ["a free lock, before we take it", null, 5, null],
    ["our own lock, before we know its token: a run that was killed and is resumed", ME, 5, null],
    ["our own lock with the token that we hold", ME, 5, 5],
  ] as const)("%s", (_, holder, token, ours) => {
    expect(reason(holder, token, ours)).toBeNull();
  });
});

describe("refuses", () => {
  test.each([
    ["somebody else's lock", "ansible/k8s01", 5, null, "lock-held"],
    ["somebody else's lock although we thought it ours", "ansible/k8s01", 6, 5, "lock-held"],
    ["our own name with a newer token: another run of ours", ME, 6, 5, "token-stale"],
    ["our own name with an older token", ME, 4, 5, "token-stale"],
    ["a lock that ran out under us", null, 5, 5, "token-stale"],
    ["a holder whose name only begins like ours", `${ME}0`, 5, 5, "lock-held"],
  ] as const)("%s", (_, holder, token, ours, expected) => {
    expect(reason(holder, token, ours)).toBe(expected);
  });

  test.each(["deadline", "permission-denied", "unreachable", "not-read-yet"] as const)(
    "a lock that cannot be read (%s): it counts as held",
    (why) => {
      const lock = { ...unknown(why, "no answer within 5000 ms"), observedAtMs: cluster.nowMs };
      expect(lockRule.judge(contextOf(cluster, { lock }))).toMatchObject({
        reason: "lock-unknown",
        message: "the restart lock could not be read: no answer within 5000 ms",
      });
    },
  );

  test("and names the holder and the token", () => {
    const lock = { ...known({ holder: "ansible/k8s01", token: 712 }), observedAtMs: cluster.nowMs };
    const { message } = lockRule.judge(contextOf(cluster, { lock })) ?? {};
    expect(message).toBe("the restart lock is held by ansible/k8s01 (fencing token 712)");
  });
});
