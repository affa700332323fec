import type { NodeName } from "../../src/core/model/observation.ts";
import type { Prng } from "../sim/prng.ts";
import type { ClusterSpec } from "../world/world.ts";
import type { FaultFrame, FaultPlan } from "./fault.ts";

const SECOND_MS = 1000;

/** The part of a plan that differs between faults. */
export interface Drawn {
  readonly nodes?: readonly NodeName[];
  readonly durationMs?: number;
  readonly parameters?: FaultPlan["parameters"];
}

/** A plan that begins at any millisecond of the frame: what goes wrong keeps to no full second. */
export function planOf(fault: string, random: Prng, frame: FaultFrame, drawn: Drawn): FaultPlan {
  const atMs = random.between(frame.fromMs, Math.max(frame.fromMs, frame.untilMs));
  return {
    fault,
    nodes: drawn.nodes ?? [],
    atMs,
    durationMs: drawn.durationMs ?? 0,
    parameters: drawn.parameters ?? {},
  };
}

/** A duration of `min` to `max` whole seconds, in ms. */
export function drawSeconds(random: Prng, min: number, max: number): number {
  return random.between(min, max) * SECOND_MS;
}

/** One node of the cluster. */
export function drawNode(random: Prng, spec: ClusterSpec): NodeName {
  return random.pick(spec.nodes).name;
}

/** `count` different nodes (all of them when there are fewer), in drawn order. */
export function drawNodes(random: Prng, spec: ClusterSpec, count: number): readonly NodeName[] {
  const left = spec.nodes.map(({ name }) => name);
  const drawn: NodeName[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(random.between(0, left.length - 1), 1));
  return drawn;
}

/** A parameter as the number that it was drawn as; a plan by hand that lacks it is a mistake of its writer. */
export function numberOf(plan: FaultPlan, name: string): number {
  const value = plan.parameters[name];
  if (typeof value !== "number") throw new Error(`${plan.fault} needs a number ${name}, and has ${String(value)}`);
  return value;
}

/** A parameter as one of its words. */
export function wordOf<const T extends string>(plan: FaultPlan, name: string, words: readonly T[]): T {
  const value = words.find((word) => word === plan.parameters[name]);
  if (value === undefined) {
    throw new Error(`${plan.fault} needs ${name}=${words.join("|")}, and has ${String(plan.parameters[name])}`);
  }
  return value;
}

/** A parameter as yes or no. */
export function isSet(plan: FaultPlan, name: string): boolean {
  return plan.parameters[name] === true;
}

/** The only node of a plan that is about one. */
export function nodeOf(plan: FaultPlan): NodeName {
  const [node] = plan.nodes;
  if (node === undefined) throw new Error(`${plan.fault} needs a node`);
  return node;
}
