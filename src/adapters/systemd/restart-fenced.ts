import type { CommandResult, NodeAccess } from "../../ports/node-access.ts";
import type { Deadline } from "../net/deadline.ts";
import { deadlineIn } from "../net/deadline.ts";
import { commandFailure, isSudoRefusal, lastLine } from "../node/command-failure.ts";
import { parseInvocationId } from "./parse-unit.ts";
import { EXIT, FENCE_DIRECTORY, RESTART_SCRIPT } from "./restart-script.ts";

export interface FencedRestart {
  readonly unit: string;
  /** InvocationID that the decision was made on: when it is another one now, somebody was faster. */
  readonly expectedInvocationId: string;
  /** Fencing token of the cluster's lock: grows with each holder. Positive, at most 2^53 - 1. */
  readonly token: number;
  /** File that exists when a person stopped the software on purpose. */
  readonly stopMarkerPath?: string | null;
  /** For all of it: the lock, the checks and `systemctl restart`, which waits for the old process to end. */
  readonly deadlineMs: number;
  /** For tests. Default `/run/quorate`. */
  readonly fenceDirectory?: string;
}

export type RestartRefusal = "stale-token" | "already-restarted" | "not-active" | "stopped-on-purpose";

export type RestartResult =
  | { readonly outcome: "restarted"; readonly invocationId: string; readonly mainPid: number }
  /** Certainly nothing was done, because the node says that it must not be. */
  | { readonly outcome: "refused"; readonly reason: RestartRefusal; readonly detail: string }
  /** It may have happened: read the InvocationID before anything else. */
  | { readonly outcome: "indeterminate"; readonly detail: string }
  /** `certain`: nothing was done. Otherwise systemctl said no, and the unit may be down. */
  | { readonly outcome: "failed"; readonly certain: boolean; readonly detail: string };

/** The lock is held for one restart; waiting longer than this for another one only leads to `already-restarted`. */
const LOCK_WAIT_SECONDS_MAX = 30;

const REFUSALS: ReadonlyMap<number, RestartRefusal> = new Map([
  [EXIT.staleToken, "stale-token"],
  [EXIT.alreadyRestarted, "already-restarted"],
  [EXIT.notActive, "not-active"],
  [EXIT.stoppedOnPurpose, "stopped-on-purpose"],
]);

/** Exit codes with which the script ended before it changed the unit. */
const NOTHING_DONE: readonly number[] = [EXIT.lockBusy, EXIT.cannotLock, EXIT.fenceUnreadable, EXIT.tooLate];

/** sh could not open the lock file (2); timeout, env or sudo could not start the next program (125 to 127). */
const NEVER_BEGAN: readonly number[] = [2, 125, 126, 127];

/**
 * Restarts a unit once, or says why not. Checks and act are one critical section on the node, so of two calls with the
 * same expected InvocationID one restarts, whoever makes them and from wherever. Never throws for an operating error.
 */
export async function restartFenced(access: NodeAccess, restart: FencedRestart): Promise<RestartResult> {
  const problem = invalid(restart);
  if (problem !== null) return { outcome: "failed", certain: true, detail: problem };
  const deadline = deadlineIn(restart.deadlineMs);
  const what = `${access.name}: restart of ${restart.unit}`;
  const uptime = await access.run(["cat", "/proc/uptime"], { deadlineMs: deadline.leftMs() });
  const uptimeSeconds = Number.parseFloat(uptime.stdout.toString("utf8"));
  if (uptime.exitCode !== 0 || Number.isNaN(uptimeSeconds)) {
    return { outcome: "failed", certain: true, detail: `${commandFailure(uptime, what).message} (nothing was done)` };
  }
  const argv = scriptArgv(restart, uptimeSeconds, deadline);
  const result = await access.run(argv, { deadlineMs: deadline.leftMs(), asRoot: true });
  return interpretRestart(result, what);
}

/** Turns the script's end into a result. Pure. `what` names the node and the unit. */
export function interpretRestart(result: CommandResult, what: string): RestartResult {
  const detail = commandFailure(result, what).message;
  if (result.outcome === "not-started") return { outcome: "failed", certain: true, detail };
  if (result.outcome !== "exited" || result.exitCode === null) return { outcome: "indeterminate", detail };
  const line = lastLine(result.stdout.toString("utf8"));
  const said = `${what}: ${line.replace(/^quorate-restart /, "")}`;
  if (result.exitCode === 0) return restarted(line) ?? { outcome: "indeterminate", detail: said };
  const reason = REFUSALS.get(result.exitCode);
  if (reason !== undefined) return { outcome: "refused", reason, detail: said };
  if (NOTHING_DONE.includes(result.exitCode)) return { outcome: "failed", certain: true, detail: said };
  if (result.exitCode === EXIT.restartFailed) {
    return { outcome: "failed", certain: false, detail: `${said}: ${lastLine(result.stderr)}` };
  }
  const neverBegan = NEVER_BEGAN.includes(result.exitCode) || isSudoRefusal(result.stderr);
  if (line === "" && neverBegan) return { outcome: "failed", certain: true, detail };
  return { outcome: "indeterminate", detail: line === "" ? detail : `${detail}: ${line}` };
}

function restarted(line: string): RestartResult | null {
  const words = /^quorate-restart restarted: (\S+) (\d+)$/.exec(line);
  const invocationId = parseInvocationId(words?.[1] ?? "");
  return invocationId === null ? null : { outcome: "restarted", invocationId, mainPid: Number(words?.[2]) };
}

function scriptArgv(restart: FencedRestart, uptimeSeconds: number, deadline: Deadline): readonly string[] {
  const leftSeconds = Math.max(1, Math.floor(deadline.leftMs() / 1_000));
  return [
    "sh",
    "-c",
    RESTART_SCRIPT,
    "quorate-restart",
    restart.unit,
    restart.expectedInvocationId,
    String(restart.token),
    restart.stopMarkerPath ?? "",
    restart.fenceDirectory ?? FENCE_DIRECTORY,
    String(Math.min(leftSeconds, LOCK_WAIT_SECONDS_MAX)),
    String(Math.floor(uptimeSeconds) + Math.ceil(restart.deadlineMs / 1_000)),
  ];
}

/** A caller's mistake that must not reach the node; null when there is none. */
function invalid(restart: FencedRestart): string | null {
  if (!/^[A-Za-z0-9@:_.\\-]+$/.test(restart.unit) || restart.unit.startsWith("-")) return "not a unit name";
  if (parseInvocationId(restart.expectedInvocationId) === null) return "the expected InvocationID is not 32 hex digits";
  if (!Number.isSafeInteger(restart.token) || restart.token < 1) return "the fencing token is not a positive integer";
  return null;
}
