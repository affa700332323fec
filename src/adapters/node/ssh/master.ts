import { setTimeout as sleep } from "node:timers/promises";
import type { CommandStream } from "../../../ports/node-access.ts";
import { streamCommand } from "../../exec/stream.ts";
import type { Deadline } from "../../net/deadline.ts";
import { deadlineIn } from "../../net/deadline.ts";
import { sshFailure } from "./ssh-failure.ts";

/** TCP, key exchange and login of a healthy node take well under a second; a frozen one is named after this. */
const CONNECT_TIMEOUT_SECONDS = 5;

/** The whole start, with a ProxyJump in between and the first session. */
const START_DEADLINE_MS = 10_000;

/** A silent node is noticed after interval x count: the master ends and every command through it fails at once. */
const ALIVE_INTERVAL_SECONDS = 5;
const ALIVE_COUNT_MAX = 3;

/**
 * What ssh_config must not change, in front of everything else (ssh takes the first value it gets): never ask, no
 * terminal, one master that lives as long as its own session, none of the user's forwards or remote commands.
 */
const FIXED_OPTIONS = [
  "BatchMode=yes",
  `ConnectTimeout=${CONNECT_TIMEOUT_SECONDS}`,
  "ConnectionAttempts=1",
  `ServerAliveInterval=${ALIVE_INTERVAL_SECONDS}`,
  `ServerAliveCountMax=${ALIVE_COUNT_MAX}`,
  "ControlMaster=yes",
  "ControlPersist=no",
  "StreamLocalBindMask=0177",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ForwardX11=no",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "RequestTTY=no",
  "LogLevel=INFO",
] as const;

/**
 * The master's own session: says who we are there, then waits for its input to end. The input is a pipe that we hold, so
 * the session, the master and all that runs through it end with us, even when we are killed.
 */
const SESSION_COMMAND = `sh -c 'echo quorate-ready $(id -u); exec cat >/dev/null'`;

export interface SshTarget {
  /** The node's name, for messages. */
  readonly name: string;
  /** Host or alias as ssh takes it: `k8s01`, `ops@198.51.100.11`. */
  readonly host: string;
  /** Instead of the user's ssh_config. */
  readonly configFile?: string;
  /** Values for `-o`, for example `Port=24022`. They do not override what keeps ssh from asking. */
  readonly extraOptions?: readonly string[];
}

/** An open connection that sessions and forwards go through. */
export interface SshMaster {
  readonly controlPath: string;
  /** uid of the login on the node. */
  readonly uid: number;
  /** False once the connection has ended, for whatever reason. */
  isAlive(): boolean;
  /** Whether the connection has ended or ends within `ms`: its clients may notice a loss before we do. */
  endsWithin(ms: number): Promise<boolean>;
  /** ssh's last words about a channel that the other side did not open. */
  lastOpenFailure(): string;
  stop(): Promise<void>;
}

/**
 * Connects and logs in. Throws TapError with one clear line. `controlPath` is where the control socket will be; `abort`
 * ends a login that nobody waits for any more.
 */
export async function startMaster(target: SshTarget, controlPath: string, abort: AbortSignal): Promise<SshMaster> {
  const deadline = deadlineIn(START_DEADLINE_MS);
  let lastOpenFailure = "";
  const stream = await streamCommand(masterArgv(target, controlPath), {
    onStderr(text) {
      lastOpenFailure = /open failed: (.*)/.exec(text)?.[1] ?? lastOpenFailure;
    },
  });
  let alive = true;
  void stream.ended.then(() => {
    alive = false;
  });
  const giveUp = () => void stream.stop();
  abort.addEventListener("abort", giveUp);
  if (abort.aborted) giveUp();
  try {
    const uid = await waitUntilReady(stream, target, deadline);
    return {
      controlPath,
      uid,
      isAlive: () => alive,
      async endsWithin(ms) {
        await Promise.race([stream.ended, sleep(ms, undefined, { ref: false })]);
        return !alive;
      },
      lastOpenFailure: () => lastOpenFailure,
      stop: () => stream.stop(),
    };
  } catch (error) {
    await stream.stop();
    throw error;
  } finally {
    abort.removeEventListener("abort", giveUp);
  }
}

function masterArgv(target: SshTarget, controlPath: string): readonly string[] {
  const options = [
    ...FIXED_OPTIONS,
    `ControlPath=${controlPath.replaceAll("%", "%%")}`,
    ...(target.extraOptions ?? []),
  ];
  const config = target.configFile === undefined ? [] : ["-F", target.configFile];
  return ["ssh", ...config, "-T", ...options.flatMap((option) => ["-o", option]), "--", target.host, SESSION_COMMAND];
}

async function waitUntilReady(stream: CommandStream, target: SshTarget, deadline: Deadline): Promise<number> {
  const ready = Promise.withResolvers<number>();
  // Read on for ever: a login script that keeps talking must not fill the pipe.
  void (async () => {
    let text = "";
    for await (const chunk of stream.stdout) {
      if (text.length < 65_536) text += chunk.toString("utf8");
      const uid = /^quorate-ready (\d+)$/m.exec(text)?.[1];
      if (uid !== undefined) ready.resolve(Number(uid));
    }
    const result = await stream.ended;
    ready.reject(sshFailure(target.name, target.host, result.stderr || text));
  })().catch(ready.reject);
  return await deadline.hold(ready.promise, `${target.name}: ssh ${target.host}`);
}
