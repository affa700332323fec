import { drawNodes, isSet, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { restartUnit } from "../units.ts";

/** From the handler for the datastore to the one for kubelite, as the review of 2026-06-24 has it (16:16:06 to 16:16:10). */
const KUBELITE_AFTER_MS = 4000;

/** How far apart two hosts of one Ansible task are: the forks run side by side. */
const APART_MS_MAX = 1500;

/** An Ansible play without `serial: 1` whose handler restarts the datastore on several nodes at once. */
export const parallelAnsibleRestart: Fault = {
  id: "parallel-ansible-restart",
  title: "Ansible restarts the datastore on several nodes at once",
  breaks: "unit",
  leaves: "remedy",
  suits: ({ nodes }) => nodes.length > 1,
  draw: (random, frame) => {
    const nodes = drawNodes(random, frame.spec, random.between(2, frame.spec.nodes.length));
    const apartMs = random.between(0, APART_MS_MAX);
    return planOf("parallel-ansible-restart", random, frame, {
      nodes,
      durationMs: (nodes.length - 1) * apartMs + KUBELITE_AFTER_MS + 1,
      parameters: { apartMs, kubelite: random.chance(3, 4) },
    });
  },
  start: (world, _quorate, plan) => {
    const apartMs = numberOf(plan, "apartMs");
    const timers = plan.nodes.flatMap((node, at) => {
      const restart = (role: "datastore" | "kubelite", delayMs: number) =>
        world.sim.after(delayMs, () => restartUnit(world, node, role, "ansible"));
      const datastore = restart("datastore", at * apartMs);
      return isSet(plan, "kubelite") ? [datastore, restart("kubelite", at * apartMs + KUBELITE_AFTER_MS)] : [datastore];
    });
    return () => timers.forEach((timer) => timer.cancel());
  },
};
