import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

/** A virtual machine boots to its services in 15 s, a server with its firmware in minutes. */
const BOOT_SECONDS = { min: 15, max: 120 } as const;

/** A machine loses its power and gets it back: no FIN, no handover, unsynced state is gone. */
export const powerLoss: Fault = {
  id: "power-loss",
  title: "a machine loses its power",
  breaks: "unit",
  leaves: "remedy",
  suits: () => true,
  draw: (random, frame) =>
    planOf("power-loss", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 5, 600),
      parameters: { bootMs: drawSeconds(random, BOOT_SECONDS.min, BOOT_SECONDS.max) },
    }),
  start: (world, _quorate, plan) => {
    const { host } = world.node(nodeOf(plan));
    const bootMs = numberOf(plan, "bootMs");
    if (host.isUp) host.powerOff();
    return () => {
      if (!host.isUp) host.powerOn(bootMs);
    };
  },
};
