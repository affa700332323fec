import type { Socket } from "node:net";
import { join } from "node:path";
import type { CommandResult, ConnectTarget } from "../../../ports/node-access.ts";
import { TapError } from "../../../ports/tap-error.ts";
import { runCommand } from "../../exec/run.ts";
import type { Deadline } from "../../net/deadline.ts";
import { lastLine } from "../command-failure.ts";
import { connectFailure, connectSocket, describeTarget } from "../socket.ts";
import { diagnoseArgv, errnoFromDiagnosis, errnoFromOpenFailure } from "./diagnose.ts";
import type { SshMaster } from "./master.ts";
import { forwardArgv } from "./mux.ts";

/** Paths that ssh takes literally once `:` is escaped: it expands %, $ and a leading ~ in forwards. */
const FORWARDABLE_PATH = /^\/[A-Za-z0-9_./:@+=,-]*$/;

/** The remote half of `-L`; null when ssh cannot be given this target literally. */
export function forwardSpec(target: ConnectTarget): string | null {
  if (target.kind === "unix") {
    // Without the backslash `kine.sock:12379` would be host and port.
    return FORWARDABLE_PATH.test(target.path) ? target.path.replaceAll(":", String.raw`\:`) : null;
  }
  return /^[A-Za-z0-9.:-]+$/.test(target.host) ? `[${target.host}]:${target.port}` : null;
}

/** The listening ends of one master: one local socket for each target, made when first asked for. */
export interface Forwards {
  /** Throws TapError as NodeAccess.connect does; `permission-denied` also when sshd forbids forwarding. */
  connect(target: ConnectTarget, deadline: Deadline): Promise<Socket>;
}

/** Local sockets are made in `place`; `runOnNode` runs a command in a session of the same master. */
export function createForwards(
  master: SshMaster,
  name: string,
  place: { readonly directory: string; readonly prefix: string },
  runOnNode: (argv: readonly string[], deadlineMs: number) => Promise<CommandResult>,
): Forwards {
  const localPaths = new Map<string, string>();
  let listeners = 0;
  // One attempt at a time: ssh's `open failed` line does not say which target it is about.
  let queue: Promise<unknown> = Promise.resolve();

  async function listen(target: ConnectTarget, deadline: Deadline): Promise<string> {
    const what = `${name}: ${describeTarget(target)}`;
    const spec = forwardSpec(target);
    if (spec === null) throw new TapError("permission-denied", `${what}: cannot be forwarded by ssh`);
    const localPath = join(place.directory, `${place.prefix}${listeners}`);
    listeners += 1;
    const result = await runCommand(forwardArgv(master, localPath, spec), { deadlineMs: deadline.leftMs() });
    if (result.outcome === "exited" && result.exitCode === 0) return localPath;
    throw new TapError("unreachable", `${what}: ssh does not forward: ${lastLine(result.stderr)}`);
  }

  async function attempt(target: ConnectTarget, deadline: Deadline): Promise<Socket> {
    const what = `${name}: ${describeTarget(target)}`;
    const key = describeTarget(target);
    const path = localPaths.get(key) ?? (await listen(target, deadline));
    localPaths.set(key, path);
    const socket = await connectSocket({ kind: "unix", path }, deadline.leftMs(), what);
    const hasEnded = watchEnd(socket);
    // The master accepts first and asks the node then; a refusal shows as an early close. Whatever the node answers to this
    // session, it answered our channel before: ssh keeps the order. So a connection that is open now is really open.
    const barrier = target.kind === "unix" ? diagnoseArgv(target.path) : ["true"];
    const diagnosis = await runOnNode(barrier, deadline.leftMs());
    if (!hasEnded() && diagnosis.outcome === "exited" && diagnosis.reason === undefined) return socket;
    socket.destroy();
    if (diagnosis.outcome === "deadline") throw new TapError("deadline", `${what}: no answer from the node`);
    if (diagnosis.reason !== undefined) throw new TapError(diagnosis.reason, diagnosis.stderr);
    throw refusal(target, diagnosis, what);
  }

  function refusal(target: ConnectTarget, diagnosis: CommandResult, what: string): TapError {
    const line = master.lastOpenFailure();
    if (/administratively prohibited/i.test(line)) {
      return new TapError("permission-denied", `${what}: the node's sshd forbids forwarding`);
    }
    const errno = target.kind === "unix" ? errnoFromDiagnosis(diagnosis.stdout.toString()) : errnoFromOpenFailure(line);
    return connectFailure(errno ?? "ECONNREFUSED", what);
  }

  return {
    async connect(target, deadline) {
      const turn = queue.then(() => attempt(target, deadline));
      queue = turn.catch(() => {});
      try {
        return await deadline.hold(turn, `${name}: ${describeTarget(target)}`);
      } catch (error) {
        // Nobody will take a connection that comes after its deadline.
        void turn.then((socket) => socket.destroy()).catch(() => {});
        throw error;
      }
    },
  };
}

/**
 * Whether the socket ended before any byte came. net reads ahead into its buffer without a listener, so an end shows while
 * what the other side said first stays there for the caller.
 */
function watchEnd(socket: Socket): () => boolean {
  let ended = false;
  socket.once("end", () => {
    ended = true;
  });
  return () => (ended || socket.destroyed) && socket.bytesRead === 0;
}
