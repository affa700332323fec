import type { LabEvent } from "../invariants/invariant.ts";

/** One line of the log for what is worth one; null for the rest. */
export function textOf(event: LabEvent): { readonly who: string; readonly text: string } | null {
  switch (event.kind) {
    case "fault": {
      const { fault, nodes, parameters } = event.plan;
      return { who: "fault", text: `${fault} ${nodes.join(",")} ${JSON.stringify(parameters)} ${event.is}` };
    }
    case "phase":
      return { who: "run", text: event.phase };
    case "unit":
    case "leader":
    case "write":
      return null;
    case "quorate-started":
      return { who: event.quorate, text: "started" };
    case "quorate-ended":
      return { who: event.quorate, text: "ended" };
    case "quorate-crashed":
      return { who: event.quorate, text: `crashed: ${event.error}` };
    case "attention":
      return { who: event.quorate, text: event.isWatching ? "watches" : "rests" };
    case "ladder": {
      const causes = event.ladder.causes
        .map(({ node, rung, verdict }) => `${node} ${rung} ${verdict.reason}`)
        .join(", ");
      const what = event.isDoctor ? "doctor" : "ladder";
      return { who: event.quorate, text: `${what}: ${event.ladder.state}${causes === "" ? "" : `: ${causes}`}` };
    }
    case "recover-began":
      return { who: event.quorate, text: "recover" };
    case "recover-ended": {
      const { end } = event;
      const refusals = end.end === "ran" ? end.refusals.map(({ rule, reason }) => `${rule}/${reason}`).join(", ") : "";
      const result = end.end === "ran" ? `${end.node} ${end.result ?? "open"} ${end.message}` : end.end;
      return { who: event.quorate, text: `recover: ${result}${refusals === "" ? "" : ` (${refusals})`}` };
    }
    case "entry":
      return { who: event.quorate, text: `run ${event.run}: ${event.entry.kind}` };
    case "lock-take":
      return { who: event.quorate, text: `lock: ${event.result.outcome} for ${event.holder}` };
    case "lock-release":
      return { who: event.quorate, text: `lock: ${event.isReleased ? "released" : "not certainly released"}` };
    case "restart-asked":
      return {
        who: event.quorate,
        text: `asks ${event.node} to restart ${event.request.role} (token ${event.request.token})`,
      };
    case "restart-answered": {
      const { outcome } = event;
      return {
        who: event.quorate,
        text: `${event.node}: ${outcome.outcome}${"detail" in outcome ? `: ${outcome.detail}` : ""}`,
      };
    }
  }
}
