import { type Invariant, quorateOf, violation } from "../invariant.ts";

/** Law 8. Quorate restarts what runs; it starts nothing that was down, and touches no node that a person has stopped. */
export const stoppedStaysStopped: Invariant = {
  id: "stopped-stays-stopped",
  title: "what a person stopped stays stopped",
  law: 8,
  create: ({ truth }) => {
    /** Units that a Quorate has taken down and that have not started since. */
    const taken = new Set<string>();
    return {
      onEvent: (event) => {
        if (event.kind !== "unit") return null;
        const { change } = event;
        const { node, unit, what } = change;
        const quorate = quorateOf(change);
        const key = `${node} ${unit}`;
        if (what === "started") taken.delete(key);
        if (quorate === null) return null;
        if (what === "stopping") taken.add(key);
        if ((what === "stopping" || what === "starting") && truth.isStopMarked(node)) {
          return violation(`${quorate} was ${what} ${unit} on ${node}, which a person had stopped`);
        }
        if (what === "starting" && !taken.has(key))
          return violation(`${quorate} started ${unit} on ${node}, which did not run`);
        return null;
      },
    };
  },
};
