import type { RestartOutcome, RestartRequest } from "../../src/ports/node-taps.ts";
import type { Sim } from "../sim/sim.ts";
import type { Host } from "../world/host/host.ts";
import { STOP_MARKER_PATH } from "../world/units.ts";

/** Where the node keeps the highest token that it has seen; `/run` is empty after a boot. */
export const FENCE_FILE = "/run/quorate/fence";

/** The script waits at most this long for another restart of the same node (flock -w). */
const LOCK_WAIT_MS_MAX = 30_000;

/** sudo, sh and two `systemctl show` on an idle node. */
const CHECKS_MS = 30;

/** What the node answers; the way back may lose it. */
export type ScriptEnd = Exclude<RestartOutcome, { readonly outcome: "indeterminate" }>;

export interface Script {
  readonly sim: Sim;
  readonly host: Host;
  readonly unit: string;
  readonly request: RestartRequest;
  /** Who restarts, as the emulated systemd is told. */
  readonly by: string;
  /** Uptime of the node past which nothing may be started any more: the sender has given up by then. */
  readonly latestUptimeMs: number;
  /** False when the machine lost power since: nothing more happens. */
  readonly isUp: () => boolean;
  readonly ended: (end: ScriptEnd) => void;
}

/** Who holds the restart lock of a machine (a flock: gone with the machine), and who waits for it. */
const holders = new WeakMap<Host, { readonly bootedAtMs: number; waiting: (() => void)[] }>();

/**
 * The fenced restart as src/adapters/systemd/restart-script.ts does it on the node: one at a time, then token, stop
 * marker, InvocationID, active, time limit, the fence is written, and only then systemd restarts the unit.
 */
export function runRestartScript(script: Script): void {
  const { sim, host, request, isUp } = script;
  let isWaiting = true;
  const begin = (): void => {
    if (!isWaiting || !isUp()) return unlock(host);
    isWaiting = false;
    sim.after(CHECKS_MS, () => {
      if (isUp()) act(script, (end) => finish(script, end));
      else unlock(host);
    });
  };
  const held = holders.get(host);
  if (held === undefined || held.bootedAtMs !== host.bootedAtMs) {
    holders.set(host, { bootedAtMs: host.bootedAtMs, waiting: [] });
    return begin();
  }
  held.waiting.push(begin);
  sim.after(Math.min(request.deadlineMs, LOCK_WAIT_MS_MAX), () => {
    if (!isWaiting) return;
    isWaiting = false;
    held.waiting = held.waiting.filter((one) => one !== begin);
    script.ended({ outcome: "failed", detail: "another restart holds the lock of this node" });
  });
}

function finish({ host, ended }: Script, end: ScriptEnd): void {
  unlock(host);
  ended(end);
}

function unlock(host: Host): void {
  const next = holders.get(host)?.waiting.shift();
  if (next === undefined) holders.delete(host);
  else next();
}

function act(script: Script, done: (end: ScriptEnd) => void): void {
  const { sim, host, unit, request, isUp } = script;
  const refusal = refusalOf(script);
  if (refusal !== null) return done(refusal);
  if (sim.nowMs() - host.bootedAtMs >= script.latestUptimeMs) {
    return done({ outcome: "failed", detail: "the command came too late" });
  }
  host.files.set(FENCE_FILE, String(request.token));
  host.systemd.restart(unit, script.by, () => {
    if (isUp()) done({ outcome: "restarted", invocationId: host.systemd.state(unit).invocationId ?? "" });
  });
}

function refusalOf({ host, unit, request }: Script): Extract<ScriptEnd, { outcome: "refused" }> | null {
  const fence = Number(host.files.get(FENCE_FILE) ?? 0);
  const refused = (reason: Extract<ScriptEnd, { outcome: "refused" }>["reason"], detail: string) =>
    ({ outcome: "refused", reason, detail: `${host.name}: restart of ${unit}: refused: ${detail}` }) as const;
  if (request.token < fence) {
    return refused("stale-token", `our fencing token ${request.token} is stale, this node has seen ${fence}`);
  }
  if (host.files.has(STOP_MARKER_PATH)) return refused("stopped-on-purpose", `${STOP_MARKER_PATH} exists`);
  const { invocationId, activeState } = host.systemd.state(unit);
  if (invocationId === null || invocationId === "") return refused("not-active", "the unit does not run");
  if (invocationId !== request.expectedInvocationId) return refused("already-restarted", `it is ${invocationId} now`);
  return activeState === "active" ? null : refused("not-active", `the unit is ${activeState}`);
}
