import type { Timer } from "../../sim/sim.ts";
import { numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** Killed once, or again and again while it tries to finish what it began. */
const TIMES_MAX = 4;

/** Quorate is killed at any instant, also between an intent and its outcome; it is started anew with its journal. */
export const quorateKill: Fault = {
  id: "quorate-kill",
  title: "Quorate is killed",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) => {
    const times = random.between(1, TIMES_MAX);
    const everyMs = random.between(1, 20_000);
    return planOf("quorate-kill", random, frame, {
      durationMs: (times - 1) * everyMs + 1,
      parameters: { times, everyMs },
    });
  },
  start: (world, quorate, plan) => {
    const everyMs = numberOf(plan, "everyMs");
    const timers: Timer[] = [];
    quorate.kill();
    for (let time = 1; time < numberOf(plan, "times"); time += 1) {
      timers.push(world.sim.after(time * everyMs, () => quorate.kill()));
    }
    return () => timers.forEach((timer) => timer.cancel());
  },
};
