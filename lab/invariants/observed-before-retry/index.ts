import type { NodeName, UnitState } from "../../../src/core/model/observation.ts";
import { type Invariant, violation } from "../invariant.ts";

interface Open {
  readonly node: NodeName;
  readonly role: string;
  /** From when on an observation counts: the answer that was none, or the start of the process that found the intent. */
  sinceMs: number;
}

/** Law 5. A restart without a certain answer may have happened: the unit is read before any other restart is asked for. */
export const observedBeforeRetry: Invariant = {
  id: "observed-before-retry",
  title: "an indeterminate act is observed before anything is done again",
  law: 5,
  create: () => {
    const open = new Map<string, Open>();
    return {
      onEvent: (event) => {
        if (event.kind === "quorate-started") {
          const left = open.get(event.quorate);
          if (left !== undefined) left.sinceMs = event.atMs;
        }
        if (event.kind === "restart-answered") {
          const { quorate, node, request, outcome, atMs } = event;
          if (outcome.outcome === "indeterminate") open.set(quorate, { node, role: request.role, sinceMs: atMs });
          else open.delete(quorate);
        }
        if (event.kind !== "restart-asked") return null;
        const { quorate, node, request, reads, atMs } = event;
        const before = open.get(quorate);
        open.set(quorate, { node, role: request.role, sinceMs: atMs });
        if (before === undefined) return null;
        const key = `${before.node} unit ${before.role}`;
        const read = reads.get(key);
        if (read?.known !== true || read.beganAtMs < before.sinceMs) {
          return violation(
            `${quorate} asked for a restart on ${node}, and had not read "${key}" since the restart before it was left open`,
          );
        }
        const seen = read.value as UnitState;
        if (before.node !== node || before.role !== request.role) return null;
        if (seen.invocationId === request.expectedInvocationId) return null;
        return violation(`${quorate} asked for a restart on ${node} that rests on an InvocationID which is no more`);
      },
    };
  },
};
