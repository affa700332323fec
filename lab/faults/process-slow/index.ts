import type { Timer } from "../../sim/sim.ts";
import { drawNode, drawSeconds, nodeOf, numberOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { ROLES, signal } from "../units.ts";

/** One on-and-off of the throttling. The kernel's own period is 100 ms; ten of them at once cost the lab a tenth. */
const PERIOD_MS = 1000;

/** Share of the time in which the process does not run, in percent: at 90 it gets a tenth of its CPU. */
const STOPPED_PERCENT = { min: 30, max: 90 } as const;

/** A process gets only a part of its CPU, as under a cgroup quota or on an oversold hypervisor. */
export const processSlow: Fault = {
  id: "process-slow",
  title: "one unit's process gets only a part of its CPU",
  breaks: "store",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("process-slow", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 10, 180),
      parameters: {
        role: random.pick(ROLES),
        stoppedPercent: random.between(STOPPED_PERCENT.min, STOPPED_PERCENT.max),
      },
    }),
  start: (world, _quorate, plan) => {
    const node = nodeOf(plan);
    const role = wordOf(plan, "role", ROLES);
    const stoppedMs = Math.round((numberOf(plan, "stoppedPercent") * PERIOD_MS) / 100);
    let timer: Timer;
    const stop = (): void => {
      signal(world, node, role, "STOP");
      timer = world.sim.after(stoppedMs, goOn);
    };
    const goOn = (): void => {
      signal(world, node, role, "CONT");
      timer = world.sim.after(PERIOD_MS - stoppedMs, stop);
    };
    stop();
    return () => {
      timer.cancel();
      signal(world, node, role, "CONT");
    };
  },
};
