import { type CommandIo, type Machine, uptimeSeconds } from "./machine.ts";

/** The script's exit codes, as its callers know them. */
const EXIT = {
  staleToken: 40,
  alreadyRestarted: 41,
  notActive: 42,
  stoppedOnPurpose: 43,
  lockBusy: 44,
  fenceUnreadable: 46,
  tooLate: 47,
  restartFailed: 48,
} as const;

/** From the shell's start to its first check. */
const START_MS = 5;

/**
 * The fenced restart: one critical section on the node. Arguments: unit, expected InvocationID, token, stop marker file or
 * "", directory of lock and fence, seconds to wait for the lock, uptime in seconds past which nothing may be started. It
 * refuses before it changes anything, and writes the token before it restarts.
 */
export function restartScript(machine: Machine, words: readonly string[], io: CommandIo): void {
  const [unit = "", expected = "", token = "", marker = "", directory = "", wait = "", latest = ""] = words;
  const { host } = machine.node;
  const lock = `${directory}/restart.lock`;
  const fence = `${directory}/fence`;

  const leave = (code: number, line: string): void => {
    io.out(`quorate-restart ${line}\n`);
    io.exit(code);
  };
  const refuse = (code: number, why: string): void => leave(code, `refused: ${why}`);

  function restart(): void {
    const seen = fenceIn(host.files.get(fence));
    if (seen === null) return refuse(EXIT.fenceUnreadable, `${fence} holds no token`);
    if (Number(token) < seen) {
      return refuse(EXIT.staleToken, `our fencing token ${token} is stale, this node has seen ${seen}`);
    }
    if (marker !== "" && host.files.has(marker)) return refuse(EXIT.stoppedOnPurpose, `${marker} exists`);
    const state = host.systemd.state(unit);
    if (state.invocationId === null) return refuse(EXIT.notActive, "the unit does not run");
    if (state.invocationId !== expected) return refuse(EXIT.alreadyRestarted, `it is ${state.invocationId} now`);
    if (state.activeState !== "active") return refuse(EXIT.notActive, `the unit is ${state.activeState}`);
    if (Math.floor(uptimeSeconds(machine)) >= Number(latest)) return refuse(EXIT.tooLate, "the command came too late");
    host.files.set(fence, `${token}\n`);
    host.systemd.restart(unit, "quorate", () =>
      io.process.deliver(() => {
        const now = host.systemd.state(unit);
        leave(0, `restarted: ${now.invocationId ?? ""} ${now.mainPid}`);
      }),
    );
  }

  io.process.after(START_MS, () =>
    withLock(machine, lock, io, {
      waitMs: Number(wait) * 1000,
      taken: restart,
      busy: () => refuse(EXIT.lockBusy, "another restart holds the lock of this node"),
    }),
  );
}

/** The token that the node has seen: 0 without a file, null when the file holds no whole line with a number. */
function fenceIn(content: string | undefined): number | null {
  if (content === undefined) return 0;
  const [, token] = /^(\d+)\n/.exec(content) ?? [];
  return token === undefined ? null : Number(token);
}

/** flock: the lock is the process's from `taken` to its end. */
function withLock(
  machine: Machine,
  path: string,
  io: CommandIo,
  { waitMs, taken, busy }: { readonly waitMs: number; readonly taken: () => void; readonly busy: () => void },
): void {
  const { locks } = machine;
  const own = (): void => {
    io.process.onEnd(() => {
      const next = locks.get(path)?.shift();
      if (next === undefined) locks.delete(path);
      else next();
    });
    io.process.deliver(taken);
  };
  const waiting = locks.get(path);
  if (waiting === undefined) {
    locks.set(path, []);
    return own();
  }
  const leaveLine = (): void => {
    const place = waiting.indexOf(turn);
    if (place !== -1) waiting.splice(place, 1);
  };
  const late = io.process.after(waitMs, () => {
    leaveLine();
    busy();
  });
  const turn = (): void => {
    late.cancel();
    own();
  };
  waiting.push(turn);
  io.process.onEnd(leaveLine);
}
