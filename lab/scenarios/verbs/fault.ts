import { faultById, FAULTS } from "../../faults/registry.ts";
import type { FaultPlan, FaultyQuorate } from "../../faults/fault.ts";
import { nameOf } from "../names.ts";
import type { Args } from "../args.ts";
import { spanText } from "../print.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";

export const fault: Verb = {
  id: "fault",
  usage:
    "fault ID [node=k8s01|nodes=(k8s01,k8s02)] [for=30s] [parameter=value ...]: it goes wrong now; what is not said is drawn",
  run: ({ play }, args) => {
    const id = args.word("a fault");
    const found = faultById(id);
    if (found === null) return args.fail(`no fault ${id}; there are ${FAULTS.map((one) => one.id).join(", ")}`);
    const { world, driver } = play;
    if (!found.suits(world.spec)) return args.fail(`${id} cannot happen in this cluster`);
    const frame = { spec: world.spec, fromMs: 0, untilMs: 0 };
    const plan = amend(play, found.draw(driver.sim.random(`scenario fault ${id}`), frame), args);
    args.end();
    const name = [id, ...plan.nodes].join(" ");
    driver.sim.log("fault", `${id} begins${plan.nodes.length === 0 ? "" : ` on ${plan.nodes.join(", ")}`}`);
    const undo = found.start(world, victim(play), plan);
    const end = () => {
      if (!play.faults.delete(name)) return;
      driver.sim.log("fault", `${id} ends`);
      undo();
    };
    play.faults.get(name)?.();
    play.faults.set(name, end);
    driver.sim.after(plan.durationMs, end);
    const parameters = Object.entries(plan.parameters).map(([key, value]) => ` ${key}=${value}`);
    const lasts = plan.durationMs === 0 ? "" : ` for ${spanText(plan.durationMs)}`;
    return [`${play.now()} ${name}${parameters.join("")}${lasts}`];
  },
};

/** The drawn plan with what the scenario says in its place. */
function amend(play: Play, drawn: FaultPlan, args: Args): FaultPlan {
  const node = args.textOr("node", null);
  const nodes = (node === null ? listOr(args, drawn.nodes) : [node]).map((name) => nameOf(play, name));
  const durationMs = args.durationOr("for", drawn.durationMs);
  const parameters = { ...drawn.parameters };
  for (const [key, text] of args.others()) parameters[key] = valueOf(text);
  return { ...drawn, nodes, durationMs, parameters };
}

function listOr(args: Args, fallback: readonly string[]): readonly string[] {
  const text = args.textOr("nodes", null);
  return text === null
    ? fallback
    : text
        .replace(/^\((.*)\)$/s, "$1")
        .split(",")
        .filter((one) => one !== "");
}

function valueOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** The Quorate that was started last; a story without one loses nothing when it is killed. */
function victim({ quorates }: Play): FaultyQuorate {
  const last = [...quorates.values()].at(-1);
  return last ?? { place: "ops", kill: () => undefined, pause: () => undefined, resume: () => undefined };
}
