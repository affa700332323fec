import type { NodeTaps } from "../../../src/ports/node-taps.ts";
import type { RestartLock } from "../../../src/ports/restart-lock.ts";
import type { Seams } from "../../quorate/start.ts";
import type { Mutation } from "./mutation.ts";

/** A lock that excludes nobody, is kept, or is written without need. */
export const LOCK_MUTATIONS: readonly Mutation[] = [
  {
    id: "lock-always-held",
    what: "the lock says that it is ours without writing the Lease",
    expected: ["one-at-a-time", "unknown-refuses", "decided-again"],
    kinds: ["poll-death"],
    seams: locked(
      () => ({
        read: async () => ({ known: true, value: { holder: null, token: 1 } }),
        take: async () => ({ outcome: "held", token: 1 }),
        release: async () => true,
      }),
      (holder) => ({ known: true, value: { holder, token: 1 } }),
    ),
  },
  {
    id: "lock-never-given-back",
    what: "giving the lock back says yes and does nothing",
    expected: ["lock-until-stable"],
    kinds: ["poll-death"],
    seams: locked((lock) => ({ ...lock, release: async () => true })),
  },
  {
    id: "lock-as-heartbeat",
    what: "the lock's Lease is taken at each look at the leaders, as a sign of life",
    expected: ["no-idle-writes"],
    kinds: ["poll-death"],
    seams: {
      wrapTaps: (taps) => ({
        ...taps,
        readLease: async (namespace, name, deadlineMs) => {
          await taps.lock.take("quorate/alive", deadlineMs);
          return taps.readLease(namespace, name, deadlineMs);
        },
      }),
    },
  },
];

/** The lock in another's place; `readHeld` is what reading it shows once it was taken. */
function locked(
  change: (lock: RestartLock) => RestartLock,
  readHeld?: (holder: string) => Awaited<ReturnType<RestartLock["read"]>>,
): Seams {
  const wrapTaps = (taps: NodeTaps): NodeTaps => {
    const lock = change(taps.lock);
    let holder: string | null = null;
    return {
      ...taps,
      lock: {
        read: (deadlineMs) =>
          holder === null || readHeld === undefined ? lock.read(deadlineMs) : Promise.resolve(readHeld(holder)),
        take: (by, deadlineMs) => {
          holder = by;
          return lock.take(by, deadlineMs);
        },
        release: (by, deadlineMs) => {
          holder = null;
          return lock.release(by, deadlineMs);
        },
      },
    };
  };
  return { wrapTaps };
}
