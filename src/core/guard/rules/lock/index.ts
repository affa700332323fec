import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/** Law 2: one disruptive action in flight per cluster. A lock that cannot be read is held by somebody. */
export const lockRule: Rule = {
  id: "lock",
  keeps: "two actors from restarting at the same time",
  judge,
};

function judge({ lock, self }: GuardContext) {
  if (!lock.known) {
    const message = `the restart lock could not be read: ${lock.detail}`;
    return refuse("lock", "lock-unknown", message, "an unreadable lock counts as held; make the API server readable");
  }
  const { holder, token } = lock.value;
  if (holder !== null && holder !== self.holder) {
    const message = `the restart lock is held by ${holder} (fencing token ${token})`;
    return refuse("lock", "lock-held", message, "wait until it is released or its time is over");
  }
  if (self.token !== null && (holder === null || token !== self.token)) {
    const message = `our fencing token ${self.token} is stale: the lock moved on to ${token}`;
    return refuse("lock", "token-stale", message, "run it again; it takes the lock anew");
  }
  return null;
}
