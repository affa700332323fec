import { LOCK_NAME, LOCK_NAMESPACE } from "../../../src/app/kube/lease-lock.ts";
import { lastOf } from "../../../src/core/runbooks/journal.ts";
import { type Invariant, violation } from "../invariant.ts";
import { createSince } from "../since.ts";

/** A contention that was told for this long before the lock was taken was known when that was decided. */
const TOLD_MS = 25_000;

const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${LOCK_NAMESPACE}/leases`;

/** Law 7. The lock's Lease is all that Quorate ever writes, only in a run that is on, and no new run begins while the writer is contended. */
export const noIdleWrites: Invariant = {
  id: "no-idle-writes",
  title: "no writes of our own but the lock's, and none that can wait while the writer is contended",
  law: 7,
  create: ({ truth, quorates }) => {
    const contended = createSince();
    return {
      check: () => {
        for (const { name, ladder } of quorates) {
          const hot = ladder?.nodes.some(({ verdicts }) =>
            verdicts.some(({ rung, reason }) => rung === "store" && reason === "writer-contended"),
          );
          contended.see(name, hot === true, truth.nowMs());
        }
        return null;
      },
      onEvent: (event) => {
        if (event.kind !== "write") return null;
        const { quorate, method, path, node, atMs } = event;
        if (path !== LEASES && path !== `${LEASES}/${LOCK_NAME}`) {
          return violation(`${quorate} wrote ${method} ${path} through ${node}`);
        }
        const runs = quorates.find(({ name }) => name === quorate)?.runs() ?? [];
        const open = runs.find(
          ({ entries }) => lastOf(entries, "lock-intent") !== null && lastOf(entries, "closed") === null,
        );
        if (open === undefined)
          return violation(`${quorate} wrote the lock's Lease through ${node}, and no run of its is on`);
        const hasBegun = lastOf(open.entries, "lock-held") !== null;
        if (hasBegun || contended.forMs(quorate, atMs) < TOLD_MS) return null;
        return violation(
          `${quorate} took the lock through ${node} although it had told of a contended writer for ${Math.round(contended.forMs(quorate, atMs) / 1000)} s`,
        );
      },
    };
  },
};
