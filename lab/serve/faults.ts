import type { Fault, FaultPlan } from "../faults/fault.ts";
import { faultById, FAULTS } from "../faults/registry.ts";
import type { World } from "../world/world.ts";
import { LabError } from "./state/directory.ts";

/** What a person asks for. */
export interface FaultRequest {
  readonly id: string;
  /** Instead of the drawn ones, as many as the fault is about. */
  readonly nodes: readonly string[];
  /** Instead of the drawn duration. */
  readonly forMs: number | null;
  /** Instead of drawn parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ActiveFault {
  readonly number: number;
  readonly plan: FaultPlan;
  readonly startedAtMs: number;
  /** Null: at one instant. */
  readonly endsAtMs: number;
}

/** Faults of a running lab. All in the world's now. */
export interface LabFaults {
  /** Draws what was not given, and begins it. Throws LabError. */
  start(request: FaultRequest): ActiveFault;
  /** Undoes all that last. */
  heal(): readonly ActiveFault[];
  active(): readonly ActiveFault[];
}

/** A word among four is not drawn once in 100 times with a chance below 10^-12. */
const DRAWS_MAX = 100;

/** In a lab Quorate runs outside, as anybody's process. */
const QUORATE_OUTSIDE = { place: "ops", kill: () => {}, pause: () => {}, resume: () => {} };

/** Faults that are about the simulated Quorate. */
const NOT_HERE = new Set(["quorate-kill", "quorate-pause"]);

export function faultList(): readonly { readonly id: string; readonly title: string }[] {
  return FAULTS.filter(({ id }) => !NOT_HERE.has(id)).map(({ id, title }) => ({ id, title }));
}

export function createLabFaults(world: World): LabFaults {
  const running = new Map<number, { readonly fault: ActiveFault; readonly undo: () => void }>();
  let count = 0;

  function start(request: FaultRequest): ActiveFault {
    const fault = NOT_HERE.has(request.id) ? null : faultById(request.id);
    if (fault === null) throw new LabError(`there is no fault "${request.id}"; quorate lab fault --list shows them`);
    if (!fault.suits(world.spec)) throw new LabError(`${request.id} cannot happen in this cluster`);
    const nowMs = world.sim.nowMs();
    const plan = asked(drawFitting(fault, request, world), request, world);
    const number = (count += 1);
    const active = { number, plan, startedAtMs: nowMs, endsAtMs: nowMs + plan.durationMs };
    const undo = begin(() => fault.start(world, QUORATE_OUTSIDE, plan));
    running.set(number, { fault: active, undo });
    world.sim.log("fault", `${plan.fault} ${plan.nodes.join(" ")}`);
    world.sim.after(plan.durationMs, () => end(number));
    return active;
  }

  function end(number: number): void {
    const one = running.get(number);
    if (!running.delete(number)) return;
    one?.undo();
  }

  return {
    start,
    heal: () => {
      const healed = [...running.values()].map(({ fault }) => fault);
      for (const { number } of healed) end(number);
      return healed;
    },
    active: () => [...running.values()].map(({ fault }) => fault),
  };
}

/** Chances are drawn anew until they go with what was asked for: some kinds of a fault are about a node, others are not. */
function drawFitting(fault: Fault, { nodes, parameters }: FaultRequest, world: World): FaultPlan {
  const frame = { spec: world.spec, fromMs: 0, untilMs: 0 };
  const draw = () => fault.draw(world.sim.random("lab faults"), frame);
  const fits = (plan: FaultPlan) =>
    (nodes.length === 0 || plan.nodes.length > 0) &&
    Object.entries(parameters).every(
      ([name, text]) => typeof plan.parameters[name] === "number" || String(plan.parameters[name]) === text,
    );
  let plan = draw();
  for (let tries = 1; tries < DRAWS_MAX && !fits(plan); tries += 1) plan = draw();
  return plan;
}

/** A parameter that the fault does not take is the caller's mistake, and told as one. */
function begin(start: () => () => void): () => void {
  try {
    return start();
  } catch (error) {
    throw new LabError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function asked(drawn: FaultPlan, { nodes, forMs, parameters }: FaultRequest, world: World): FaultPlan {
  const stranger = nodes.find((name) => !world.nodes.some((node) => node.name === name));
  if (stranger !== undefined)
    throw new LabError(`there is no node ${stranger}; the lab has ${world.nodes.map(({ name }) => name).join(", ")}`);
  if (nodes.length > 0 && drawn.nodes.length === 0) throw new LabError(`${drawn.fault} is about no node in particular`);
  const unknown = Object.keys(parameters).find((name) => !(name in drawn.parameters));
  if (unknown !== undefined) {
    const known = Object.keys(drawn.parameters).join(", ") || "none";
    throw new LabError(`${drawn.fault} has no parameter ${unknown}; it has: ${known}`);
  }
  return {
    ...drawn,
    nodes: nodes.length === 0 ? drawn.nodes : nodes,
    durationMs: forMs ?? drawn.durationMs,
    parameters: { ...drawn.parameters, ...typed(drawn.parameters, parameters) },
  };
}

/** Each as the type that was drawn. */
function typed(drawn: FaultPlan["parameters"], given: Readonly<Record<string, string>>): FaultPlan["parameters"] {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const like = drawn[name];
      if (typeof like === "number") return [name, Number(text)];
      return [name, typeof like === "boolean" ? text === "true" : text];
    }),
  );
}
