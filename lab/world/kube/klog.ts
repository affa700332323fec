import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import { UNITS } from "../world.ts";

/** Prints a klog line of kubelite: `W0516 06:11:30.766000    6065 logging.go:55] …`. Hosts run on UTC. */
export type Klog = (severity: "I" | "W" | "E" | "F", source: string, text: string) => void;

/** SYSLOG_IDENTIFIER of kubelite's lines. */
const IDENTIFIER = "microk8s.daemon-kubelite";

/** All components of kubelite share one process, so one journal stream and one pid. */
export function createKlog(host: Host, process: Process): Klog {
  const from = { unit: UNITS.kubelite, identifier: IDENTIFIER, pid: process.pid };
  return (severity, source, text) => {
    const now = new Date(host.clock.nowMs()).toISOString();
    const day = now.slice(5, 7) + now.slice(8, 10);
    const pid = String(process.pid).padStart(7);
    host.journal.print(from, `${severity}${day} ${now.slice(11, 23)}000 ${pid} ${source}] ${text}`);
  };
}
