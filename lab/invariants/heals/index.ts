import type { NodeName } from "../../../src/core/model/observation.ts";
import type { RecoverEnd } from "../../../src/app/recover/recover.ts";
import { faultById } from "../../faults/registry.ts";
import { type Invariant, type Violation, violation } from "../invariant.ts";
import type { Truth } from "../truth.ts";

/** With fewer voters a restart always costs the majority: the guard refuses each one, and a person has to do it. */
const VOTERS_MIN = 3;

/** The resource whose cache is asked to have followed: kubelets and controllers renew Leases everywhere and always. */
const HEARTBEATS = "leases.coordination.k8s.io";

/**
 * Liveness. Once nothing goes wrong any more, a cluster whose breaks have a remedy is healthy at the end of the liveness
 * phase: a leader, living polls, no mute stream, and every apiserver's cache has followed.
 */
export const heals: Invariant = {
  id: "heals",
  title: "when faults stop and a remedy exists, the cluster gets healthy",
  law: null,
  create: ({ truth, quorates }) => {
    const leftToPeople = new Set<NodeName>();
    const refusedByBudget = new Set<NodeName>();
    let revisionAtHealing = 0;
    return {
      onEvent: (event) => {
        if (event.kind === "fault" && faultById(event.plan.fault)?.leaves === "people") {
          for (const node of event.plan.nodes) leftToPeople.add(node);
        }
        if (event.kind === "phase" && event.phase === "liveness") revisionAtHealing = truth.revision();
        if (event.kind === "recover-ended") noteBudget(event.end, refusedByBudget);
        return null;
      },
      finish: () => {
        if (!quorates.some(({ mode }) => mode === "recover") || truth.voters().length < VOTERS_MIN) return null;
        if (truth.leader() === null) return violation("the cluster has no leader at the end");
        for (const node of truth.nodes) {
          if (leftToPeople.has(node) || refusedByBudget.has(node)) continue;
          const found = illnessOf(truth, node, revisionAtHealing);
          if (found !== null) return found;
        }
        return null;
      },
    };
  },
};

function illnessOf(truth: Truth, node: NodeName, revisionAtHealing: number): Violation | null {
  if (!truth.isUp(node)) return violation(`${node} has no power at the end`);
  for (const role of ["datastore", "kubelite"] as const) {
    const { activeState, unit } = truth.unit(node, role);
    if (activeState !== "active") return violation(`${unit} of ${node} is ${activeState} at the end`);
  }
  if (!truth.isPollAlive(node)) return violation(`the feed of ${node} is dead at the end`);
  const muted = truth.mutedPrefixes(node);
  if (muted.length > 0) return violation(`streams of ${node} are mute at the end: ${muted.join(", ")}`);
  const followed = truth.cacheRevisions(node).get(HEARTBEATS) ?? 0;
  if (followed > revisionAtHealing) return null;
  return violation(
    `the watch cache of ${node} shows revision ${followed} of ${HEARTBEATS} at the end, and the store was at ${revisionAtHealing} when everything was healed`,
  );
}

/** Past its budget Quorate hands over: what is still broken on that node is for people. */
function noteBudget(end: RecoverEnd, nodes: Set<NodeName>): void {
  if (end.end !== "ran") return;
  const isOverBudget = end.refusals.some(({ rule }) => rule === "budget");
  if (isOverBudget) nodes.add(end.node);
}
