import type { UnitState } from "../../../src/core/model/observation.ts";
import type { Sim, Timer } from "../../sim/sim.ts";
import type { ExitStatus, Process } from "../process.ts";
import type { Actor, Program, UnitChange, UnitSpec } from "./host.ts";
import { exitText, isClean, MESSAGES, serviceName } from "./systemd-messages.ts";
import { createStartLimit } from "./start-limit.ts";
import { runWrapper } from "./wrapper.ts";

/** What a unit needs of its host. */
export interface UnitHost {
  readonly sim: Sim;
  /** A new process of the host. */
  readonly spawn: (program: string) => Process;
  readonly newInvocationId: () => string;
  /** The host's own clock. */
  readonly nowMs: () => number;
  readonly print: (
    from: { readonly unit: string; readonly identifier: string; readonly pid: number },
    line: string,
  ) => void;
  readonly say: (unit: string, messageId: string, line: string) => void;
  readonly tell: (unit: string, what: UnitChange["what"], by: Actor, how: ExitStatus | null) => void;
}

/** One service of Type=simple, as systemd 255 to 257 runs it (src/core/service.c). */
export interface Unit {
  state(): UnitState;
  process(): Process | null;
  start(by: Actor, done: () => void): void;
  stop(by: Actor, done: () => void): void;
  restart(by: Actor, done: () => void): void;
  kill(signal: "KILL" | "STOP" | "CONT" | "TERM"): void;
  /** The host has lost its power: the unit is as if it had never run, and nobody is told. */
  forget(): void;
}

type Phase = "dead" | "failed" | "running" | "stop-sigterm" | "stop-sigkill" | "auto-restart";

/** ActiveState and SubState. */
const STATES: Readonly<Record<Phase, readonly [string, string]>> = {
  dead: ["inactive", "dead"],
  failed: ["failed", "failed"],
  running: ["active", "running"],
  "stop-sigterm": ["deactivating", "stop-sigterm"],
  "stop-sigkill": ["deactivating", "stop-sigkill"],
  "auto-restart": ["activating", "auto-restart"],
};

const SYSTEMD: Actor = "systemd";

/** One run of the unit's main process: the wrapper first, then the program in the same process. */
interface Run {
  readonly process: Process;
  program: ReturnType<Program> | null;
}

export function createUnit(spec: UnitSpec, host: UnitHost): Unit {
  const service = serviceName(spec.unit);
  const title = `${service} - Service for snap application ${spec.identifier}`;
  const limit = createStartLimit(host.sim);
  let phase: Phase = "dead";
  let result = "success";
  let run: Run | null = null;
  let invocationId: string | null = null;
  let activeEnterAtMs: number | null = null;
  let restarts = 0;
  /** The next start begins to count its restarts anew. */
  let countsAnew = false;
  let timer: Timer | null = null;
  let stoppedBy: Actor = SYSTEMD;
  /** A start that waits for the stop, or for the automatic restart, that is under way. */
  let startNext: Actor | null = null;
  const stopDone: (() => void)[] = [];
  const startDone: (() => void)[] = [];

  const say = (message: { readonly id: string }, line: string) => host.say(spec.unit, message.id, line);
  const tell = (what: UnitChange["what"], by: Actor, how: ExitStatus | null = null) =>
    host.tell(spec.unit, what, by, how);

  const isDown = () => phase === "dead" || phase === "failed";

  function enterStart(by: Actor): void {
    if (countsAnew) restarts = 0;
    countsAnew = false;
    if (!limit.allows()) {
      say(MESSAGES.other, `${service}: Start request repeated too quickly.`);
      // The result of what went before stays; it is this one only when that was a success.
      if (result === "success") result = "start-limit-hit";
      say(MESSAGES.failed, `${service}: Failed with result '${result}'.`);
      say(MESSAGES.startFailed, `Failed to start ${title}.`);
      enterDead("failed");
      tell("failed", by);
    } else {
      phase = "running";
      result = "success";
      invocationId = host.newInvocationId();
      // systemctl show prints whole seconds.
      activeEnterAtMs = Math.floor(host.nowMs() / 1000) * 1000;
      run = beginRun();
      say(MESSAGES.started, `Started ${title}.`);
      tell("starting", by);
      runWrapper(spec, host, run);
      tell("started", by);
    }
    callAll(startDone);
  }

  function beginRun(): Run {
    const process = host.spawn(spec.identifier);
    const begun: Run = { process, program: null };
    // systemd learns it from a signal of its own, after what the process's death itself does.
    process.onEnd((how) =>
      host.sim.after(0, () => {
        if (run === begun) exited(how);
      }),
    );
    return begun;
  }

  function exited(how: ExitStatus): void {
    run = null;
    if (!isClean(how)) {
      say(MESSAGES.processExited, `${service}: Main process exited, ${exitText(how)}`);
      if (result === "success") result = how.code === "exited" ? "exit-code" : "signal";
    }
    if (result === "success") say(MESSAGES.deactivated, `${service}: Deactivated successfully.`);
    else say(MESSAGES.failed, `${service}: Failed with result '${result}'.`);
    const end = result === "success" ? "dead" : "failed";
    const what = result === "success" ? "stopped" : "failed";
    if (phase === "running") endedByItself(end, what, how);
    else stopped(end, what, how);
  }

  function endedByItself(end: "dead" | "failed", what: "stopped" | "failed", how: ExitStatus): void {
    const restartsNow = spec.restart === "always" || (spec.restart === "on-failure" && end === "failed");
    if (restartsNow) {
      phase = "auto-restart";
      timer = host.sim.after(spec.restartDelayMs, () => {
        restarts += 1;
        say(MESSAGES.restartScheduled, `${service}: Scheduled restart job, restart counter is at ${restarts}.`);
        startNext = null;
        enterStart(SYSTEMD);
      });
    } else enterDead(end);
    tell(what, SYSTEMD, how);
  }

  function stopped(end: "dead" | "failed", what: "stopped" | "failed", how: ExitStatus | null): void {
    say(MESSAGES.stopped, `Stopped ${title}.`);
    enterDead(end);
    tell(what, stoppedBy, how);
    callAll(stopDone);
    const by = startNext;
    startNext = null;
    // Who was told of the stop may have started it already.
    if (by !== null && isDown()) enterStart(by);
    else callAll(startDone);
  }

  function enterDead(end: "dead" | "failed"): void {
    timer?.cancel();
    timer = null;
    phase = end;
    countsAnew = true;
  }

  function beginStop(by: Actor): void {
    stoppedBy = by;
    if (phase === "auto-restart") return stopped("dead", "stopped", null);
    phase = "stop-sigterm";
    say(MESSAGES.stopping, `Stopping ${title}...`);
    tell("stopping", by);
    timer = host.sim.after(spec.stopTimeoutMs, stopTimedOut);
    terminate();
    // systemd sends SIGCONT behind its SIGTERM, so that a paused process can end (man systemd.kill).
    run?.process.resume();
  }

  function stopTimedOut(): void {
    if (run === null) return;
    phase = "stop-sigkill";
    result = "timeout";
    say(MESSAGES.other, `${service}: State 'stop-sigterm' timed out. Killing.`);
    say(MESSAGES.other, `${service}: Killing process ${run.process.pid} (${run.process.program}) with signal SIGKILL.`);
    run.process.end({ code: "killed", signal: "KILL" });
  }

  function terminate(): void {
    const now = run;
    if (now === null) return;
    // The wrapper is a shell without a handler of its own.
    if (now.program === null) now.process.end({ code: "killed", signal: "TERM" });
    else now.process.deliver(() => now.program?.terminate());
  }

  function start(by: Actor, done: () => void): void {
    if (phase === "running") return done();
    startDone.push(done);
    if (isDown()) enterStart(by);
    else startNext = by;
  }

  function stop(by: Actor, done: () => void): void {
    if (isDown()) return done();
    stopDone.push(done);
    // A start that waits is replaced by this stop; its systemctl returns with an error.
    startNext = null;
    callAll(startDone);
    if (phase === "running" || phase === "auto-restart") beginStop(by);
  }

  function restart(by: Actor, done: () => void): void {
    startDone.push(done);
    if (isDown()) return enterStart(by);
    startNext = by;
    if (phase === "running" || phase === "auto-restart") beginStop(by);
  }

  function kill(signal: "KILL" | "STOP" | "CONT" | "TERM"): void {
    if (signal === "TERM") terminate();
    else if (signal === "STOP") run?.process.pause();
    else if (signal === "CONT") run?.process.resume();
    else run?.process.end({ code: "killed", signal: "KILL" });
  }

  function forget(): void {
    enterDead("dead");
    limit.forget();
    result = "success";
    run = null;
    invocationId = null;
    activeEnterAtMs = null;
    restarts = 0;
    startNext = null;
    stopDone.length = 0;
    startDone.length = 0;
  }

  return {
    state: () => {
      const [activeState, subState] = STATES[phase];
      const mainPid = run?.process.pid ?? 0;
      return { unit: spec.unit, activeState, subState, result, invocationId, activeEnterAtMs, mainPid, restarts };
    },
    process: () => (run === null || run.program === null || run.process.state === "ended" ? null : run.process),
    start,
    stop,
    restart,
    kill,
    forget,
  };
}

/** Calls each once, and empties the list before: what is called may ask for more. */
function callAll(calls: (() => void)[]): void {
  for (const call of calls.splice(0)) call();
}
