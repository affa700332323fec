import type { Refusal } from "../../../src/core/model/action.ts";
import type { NodeName, UnitRole } from "../../../src/core/model/observation.ts";
import { askToRestart } from "../../quorate/ask-to-restart.ts";
import type { Call } from "../../quorate/call.ts";
import { askQuorate } from "../asking.ts";
import { nameOf } from "../names.ts";
import { roughly } from "../print.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";

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
  call: Call,
  { node, role, by }: { readonly node: NodeName; readonly role: UnitRole; readonly by: string },
): Promise<readonly string[]> {
  const holder = `${by}/${node}`;
  const answer = await askToRestart(call, { node, role, holder });
  if (answer.asked === "refused") return refused(node, answer.refusals);
  if (answer.asked === "done") return [`${node}: permitted, lock held by ${holder}, ${answer.outcome}`];
  const { taken } = answer;
  return [`${node}: refused lock: ${taken.outcome === "held-by-other" ? `held by ${taken.holder}` : taken.outcome}`];
}

function refused(node: NodeName, refusals: readonly Refusal[]): readonly string[] {
  return refusals.map(({ rule, reason, message }) => {
    return `${node}: refused ${rule} (${reason}): ${roughly(message.replace(/ \(fencing token \d+\)/, ""))}`;
  });
}
