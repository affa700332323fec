import { tapsOf } from "../../../src/app/recover/context.ts";
import { decide } from "../../../src/app/recover/decide.ts";
import { RECOVER_TIMING as T } from "../../../src/app/recover/timing.ts";
import { RULES } from "../../../src/core/guard/registry.ts";
import type { Action, Refusal } from "../../../src/core/model/action.ts";
import type { NodeName, UnitRole } from "../../../src/core/model/observation.ts";
import { UNITS } from "../../world/world.ts";
import type { Call } from "../../quorate/call.ts";
import { askQuorate } from "../asking.ts";
import { nameOf } from "../names.ts";
import { roughly } from "../print.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";

/** A restart for maintenance cures nothing, so the one rule that asks for a cause is not asked. All others are. */
const RULES_FOR_MAINTENANCE = RULES.filter(({ id }) => id !== "lowest-rung");

export const request: Verb = {
  id: "request",
  usage:
    "request restart unit=datastore node=k8s01|(k8s01,k8s03) by=ansible: asks the guard, takes the lock, and restarts; several nodes at the same time",
  run: async ({ play }, args) => {
    if (args.wordIf("restart") === null) return args.fail("request restart ...");
    const role = roleOf(args, args.text("unit"));
    const nodes = args.list("node").map((name) => nameOf(play, name));
    const by = args.textOr("by", "operator");
    args.end();
    const answers = await askQuorate(play, by, (call) =>
      Promise.all(nodes.map((node) => ask(call, { node, role, by }))),
    );
    return answers.flat();
  },
};

async function ask(
  { context }: Call,
  { node, role, by }: { readonly node: NodeName; readonly role: UnitRole; readonly by: string },
): Promise<readonly string[]> {
  const taps = tapsOf(context, node);
  if (taps === null) return [`no node ${node}`];
  const action: Action = { kind: "restart-unit", node, role, unit: UNITS[role] };
  const holder = `${by}/${node}`;
  const asked = { ...context, rules: RULES_FOR_MAINTENANCE };
  const first = await decide(asked, taps, action, { holder, token: null });
  if (first.refusals.length > 0) return refused(node, first.refusals);
  const taken = await taps.lock.take(holder, T.lockMs);
  if (taken.outcome === "held-by-other") return [`${node}: refused lock: held by ${taken.holder}`];
  if (taken.outcome !== "held") return [`${node}: refused lock: ${taken.outcome}`];
  const { token } = taken;
  const second = await decide(asked, taps, action, { holder, token });
  if (second.refusals.length > 0 || second.invocationId === null) {
    await taps.lock.release(holder, T.lockMs);
    return refused(node, second.refusals);
  }
  const expectedInvocationId = second.invocationId;
  const outcome = await taps.restart({ role, expectedInvocationId, token, deadlineMs: T.restartMs });
  return [`${node}: permitted, lock held by ${holder}, ${outcome.outcome}`];
}

function refused(node: NodeName, refusals: readonly Refusal[]): readonly string[] {
  return refusals.map(({ rule, reason, message }) => {
    return `${node}: refused ${rule} (${reason}): ${roughly(message.replace(/ \(fencing token \d+\)/, ""))}`;
  });
}
