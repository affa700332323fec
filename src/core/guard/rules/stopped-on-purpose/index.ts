import { type GuardContext, type Rule, refuse } from "../../rule.ts";

/** Law 8: what a person stopped stays stopped. Not knowing whether a person did refuses too. */
export const stoppedOnPurposeRule: Rule = {
  id: "stopped-on-purpose",
  keeps: "a node or unit that a person stopped from being started again",
  judge,
};

function judge({ snapshot, action }: GuardContext) {
  const node = snapshot.nodes.find((one) => one.node === action.node);
  const marker = node?.stoppedOnPurpose ?? null;
  if (marker === null || !marker.known) {
    const message = `whether ${action.node} was stopped on purpose could not be read${marker === null ? "" : `: ${marker.detail}`}`;
    return refuse("stopped-on-purpose", "marker-unknown", message, "check the stop marker by hand");
  }
  if (marker.value) {
    const message = `${action.node} was stopped on purpose: its stop marker is set`;
    return refuse("stopped-on-purpose", "marker-set", message, "start it by hand when that is wanted");
  }
  const unit = node?.units[action.role];
  if (unit?.known === true && unit.value.activeState !== "active") {
    const message = `${action.unit} on ${action.node} is ${unit.value.activeState}, and only a running unit is restarted`;
    return refuse("stopped-on-purpose", "unit-not-active", message, "start it by hand when that is wanted");
  }
  return null;
}
