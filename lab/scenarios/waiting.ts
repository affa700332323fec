import type { Play } from "./stage.ts";

/** How often a condition is looked at: stories are told in seconds. */
const LOOK_EVERY_MS = 1000;

/** Lets time pass until the condition holds; false when `atMostMs` were not enough. */
export async function waitFor(play: Play, holds: () => boolean, atMostMs: number): Promise<boolean> {
  const { sim, runUntil } = play.driver;
  const endMs = sim.nowMs() + atMostMs;
  while (!holds()) {
    if (sim.nowMs() >= endMs) return false;
    await runUntil(Math.min(endMs, sim.nowMs() + LOOK_EVERY_MS));
  }
  return true;
}
