import { newestLockRead } from "../../quorate/events.ts";
import { type Invariant, violation } from "../invariant.ts";

/** The guard's bound of 8 s, and what reading the lock and the way to the node may take after it. */
const AGE_MAX_MS = 20_000;

/** Law 4. Everything that a restart rests on was read again under the lock, right before the restart. */
export const decidedAgain: Invariant = {
  id: "decided-again",
  title: "the decision is made again, on fresh reads, right before the act",
  law: 4,
  create: ({ quorates }) => {
    /** Per Quorate: since when its present process may have been deciding. */
    const begunMs = new Map<string, number>();
    const heldMs = new Map<string, number>();
    return {
      onEvent: (event) => {
        if (event.kind === "quorate-started" || event.kind === "recover-began") begunMs.set(event.quorate, event.atMs);
        if (event.kind === "entry" && event.entry.kind === "lock-held") heldMs.set(event.quorate, event.atMs);
        if (event.kind !== "restart-asked") return null;
        const takenMs = heldMs.get(event.quorate) ?? event.atMs;
        const sinceMs = Math.max(takenMs, begunMs.get(event.quorate) ?? 0);
        const nodes = quorates.find(({ name }) => name === event.quorate)?.nodes ?? [];
        const needed = [
          ...nodes.flatMap((node) => [`${node} unit datastore`, `${node} unit kubelite`]),
          ...["marker", "store"].map((what) => `${event.node} ${what}`),
        ];
        for (const key of [...needed, "lock"]) {
          const read = key === "lock" ? newestLockRead(event.reads, nodes) : (event.reads.get(key) ?? null);
          if (read !== null && read.endedAtMs >= sinceMs && event.atMs - read.endedAtMs <= AGE_MAX_MS) continue;
          const when = read === null ? "never read" : `read ${event.atMs - read.endedAtMs} ms before`;
          return violation(
            `${event.quorate} asked for a restart on ${event.node} on an old "${key}" (${when}; the lock was taken ${event.atMs - takenMs} ms before)`,
          );
        }
        return null;
      },
    };
  },
};
