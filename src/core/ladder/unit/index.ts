import type { UnitRole, UnitState } from "../../model/observation.ts";
import type { NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import type { Evidence, RungState } from "../../model/verdict.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";
import { isStarting, MOVING_STATES, STARTING_MS } from "../starting.ts";

/** The datastore first: kubelite cannot live without it. */
const ROLES: readonly UnitRole[] = ["datastore", "kubelite"];

/** A unit that is down must not be hidden by the other one, which starts or could not be read. */
const WORST_FIRST: readonly RungState[] = ["broken", "unknown", "degraded"];

/** Rung 1: are the services up, and since when? */
export const unitRung: Rung = {
  id: "unit",
  question: "Are the services up, and since when?",
  judge: (snapshot, node) => verdict("unit", node, judge(snapshot, node)),
};

function judge(snapshot: Snapshot, node: NodeSnapshot): Judgement {
  const evidence = ROLES.flatMap((role) => unitEvidence(snapshot, node, role));
  if (node.stoppedOnPurpose?.known === true && node.stoppedOnPurpose.value) {
    const message = "was stopped on purpose (a stop marker is set); Quorate leaves it stopped";
    return { state: "broken", reason: "stopped-on-purpose", message, evidence };
  }
  const found = ROLES.flatMap((role) => judgeUnit(node, role) ?? []);
  const worst = WORST_FIRST.flatMap((state) => found.find((one) => one.state === state) ?? [])[0];
  if (worst !== undefined) return { ...worst, evidence };
  const starting = ROLES.find((role) => isStarting(snapshot, node, role));
  if (starting !== undefined) {
    const message = `the ${starting} unit started less than ${STARTING_MS / 1000} s ago (${restartsText(node, starting)})`;
    return { state: "degraded", reason: "starting", message, evidence };
  }
  return { state: "ok", reason: "active", message: "the units are active", evidence };
}

function judgeUnit(node: NodeSnapshot, role: UnitRole): Judgement | null {
  const observed = node.units[role];
  if (observed === undefined) {
    return {
      state: "unknown",
      reason: "not-read-yet",
      message: `the ${role} unit was not read yet`,
      waitingFor: "systemd's answer",
    };
  }
  if (!observed.known) {
    return {
      state: "unknown",
      reason: observed.reason,
      message: `the ${role} unit could not be read: ${observed.detail}`,
    };
  }
  const unit = observed.value;
  if (unit.activeState === "active" || unit.activeState === "reloading") return null;
  if (MOVING_STATES.includes(unit.activeState)) {
    const message = `${unit.unit} is ${unit.activeState} (${unit.subState}), ${unit.restarts} automatic restarts`;
    return { state: "degraded", reason: unit.activeState, message };
  }
  const stopped = unit.activeState === "inactive" && unit.result === "success";
  const message = `${unit.unit} is ${unit.activeState} (${unit.subState}, result ${unit.result})`;
  return { state: "broken", reason: stopped ? "stopped" : "failed", message };
}

function unitEvidence(snapshot: Snapshot, node: NodeSnapshot, role: UnitRole): readonly Evidence[] {
  const observed = node.units[role];
  if (observed === undefined) return [];
  const atMs = observed.observedAtMs;
  if (!observed.known) return [{ what: `systemd: the ${role} unit`, value: observed.detail, node: node.node, atMs }];
  return [
    { what: `systemd: ${observed.value.unit}`, value: unitText(snapshot, observed.value), node: node.node, atMs },
  ];
}

function unitText(snapshot: Snapshot, unit: UnitState): string {
  const since =
    unit.activeEnterAtMs === null ? "" : ` for ${ageText(Math.max(0, snapshot.nowMs - unit.activeEnterAtMs))}`;
  return `${unit.activeState} (${unit.subState})${since}, InvocationID ${unit.invocationId ?? "none"}`;
}

/** systemd's own count since the last start by hand: many of them tell a person that the unit does not stay up. */
function restartsText(node: NodeSnapshot, role: UnitRole): string {
  const unit = node.units[role];
  return `${unit?.known === true ? unit.value.restarts : 0} automatic restarts so far`;
}
