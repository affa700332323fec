import type { Clock } from "../../ports/clock.ts";

export function now(clock: Clock): number {
  return clock.nowMs();
}
