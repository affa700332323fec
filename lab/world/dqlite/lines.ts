import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import { UNITS } from "../world.ts";

/** SYSLOG_IDENTIFIER of k8s-dqlite in MicroK8s. */
export const DATASTORE_IDENTIFIER = "microk8s.daemon-k8s-dqlite";

/** Prints one line of k8s-dqlite as logrus writes it, by the host's own clock. */
export function printLine(
  host: Host,
  process: Process,
  level: "info" | "warning" | "error",
  message: string,
  fields: Readonly<Record<string, string>> = {},
): void {
  const time = `${new Date(host.clock.nowMs()).toISOString().slice(0, 19)}Z`;
  let line = `time="${time}" level=${level} msg=${quote(message)}`;
  for (const [name, value] of Object.entries(fields)) line += ` ${name}=${PLAIN.test(value) ? value : quote(value)}`;
  host.journal.print({ unit: UNITS.datastore, identifier: DATASTORE_IDENTIFIER, pid: process.pid }, line);
}

/** logrus leaves values of these characters without quotes. */
const PLAIN = /^[\w\-./@^+]+$/;

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
