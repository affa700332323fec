import type { ExitStatus } from "../process.ts";

/** systemd's own message ids (systemd/sd-messages.h), with the priority at which it logs them (src/core/unit.c, job.c). */
export const MESSAGES = {
  started: { id: "39f53479d3a045ac8e11786248231fbf", priority: "6" },
  stopping: { id: "de5b426a63be47a7b6ac3eaac82e2f6f", priority: "6" },
  stopped: { id: "9d1aaa27d60140bd96365438aad20286", priority: "6" },
  startFailed: { id: "be02cf6855d2428ba40df7e9d022f03d", priority: "3" },
  processExited: { id: "98e322203f7a4ed290d09fe03c09fe15", priority: "5" },
  deactivated: { id: "7ad2d189f7e94e70a38c781354912448", priority: "6" },
  failed: { id: "d9b373ed55a64feb8242e02dbe79a49c", priority: "4" },
  restartScheduled: { id: "5eb03494b6584870a536b337290809b3", priority: "6" },
  /** Lines that systemd logs without an id. */
  other: { id: "", priority: "4" },
} as const;

const PRIORITIES: ReadonlyMap<string, string> = new Map(
  Object.values(MESSAGES).map((message) => [message.id, message.priority]),
);

/** The PRIORITY of one of systemd's messages; notice for one that it does not know. */
export function priorityOf(messageId: string): string {
  return PRIORITIES.get(messageId) ?? "5";
}

/** `code=exited, status=1/FAILURE`, as systemd writes it (src/shared/exit-status.c). */
export function exitText(how: ExitStatus): string {
  if (how.code === "killed") return `code=killed, status=${how.signal === "KILL" ? "9/KILL" : "15/TERM"}`;
  const name = EXIT_NAMES.get(how.status) ?? "n/a";
  return `code=exited, status=${how.status}/${name}`;
}

const EXIT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, "SUCCESS"],
  [1, "FAILURE"],
  [2, "INVALIDARGUMENT"],
  [255, "EXCEPTION"],
]);

/** Whether systemd counts this end as a success: exit code 0, or SIGTERM (man systemd.service, SuccessExitStatus=). */
export function isClean(how: ExitStatus): boolean {
  return how.code === "exited" ? how.status === 0 : how.signal === "TERM";
}

/** A unit's name with its ending, as journald and systemd write it. */
export function serviceName(unit: string): string {
  return /\.(service|scope|slice|target|timer|socket|mount)$/.test(unit) ? unit : `${unit}.service`;
}
