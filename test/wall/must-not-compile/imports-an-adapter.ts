import { systemClock } from "../../adapters/clock/system-clock.ts";

export const clock = systemClock;
